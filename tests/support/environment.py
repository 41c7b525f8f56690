"""What a process of ours is started with."""

from __future__ import annotations

import os


def plain_environment() -> dict[str, str]:
    """Give the environment without this machine's own Newsgist settings."""
    return {key: value for key, value in os.environ.items() if not key.startswith("NEWSGIST_")}
