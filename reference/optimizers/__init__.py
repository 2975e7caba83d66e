"""Optimizers: how one parameter moves, given its gradient. `_step.py` is what stands around it."""
