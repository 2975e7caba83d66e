"""`python -m backproof` is `backproof`."""

from .cli import app

app(prog_name="backproof")
