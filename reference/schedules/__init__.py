"""Schedules: the learning rate of a step, as a function of how many steps have been taken."""
