"""Where backproof keeps what it can make again."""

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """BACKPROOF_CACHE, or this user's cache folder."""
    return Path(os.environ.get("BACKPROOF_CACHE") or platformdirs.user_cache_dir("backproof", appauthor=False))
