"""``newsgist``, also as ``python -m bot``."""
# ruff: noqa: PLC0415 - each way loads only what it needs

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; streams of documents go without its parser, which takes longer to load than they may."""
    from bot.console.streams import run_plain

    if not run_plain(sys.argv[1:]):
        from bot.cli import main as run_any

        run_any()


if __name__ == "__main__":
    main()
