"""Layers: the operations of a network that combine features or carry parameters."""
