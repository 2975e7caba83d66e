"""Activations: the elementwise operations of a network."""
