"""What went wrong in an implementation: where, what, and what to do about it."""
