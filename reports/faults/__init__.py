"""Deliberately wrong implementations: what the oracle must notice, and what a diagnosis can name."""
