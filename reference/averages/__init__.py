"""Averages of a parameter over the steps, beside the parameter itself."""
