"""Losses: how far a prediction is from its target, as one number or one for each term."""
