"""Penalties: what a parameter adds to the loss by itself."""
