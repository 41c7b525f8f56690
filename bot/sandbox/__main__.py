"""Run the sandbox alone: ``python -m bot.sandbox --port 0``; prints one JSON line when it is ready."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from bot.sandbox.alone import serve_alone
from bot.sandbox.server import DEFAULT_TOKEN


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one")
    parser.add_argument("--token", default=DEFAULT_TOKEN)
    parser.add_argument(
        "--every", type=float, default=30.0, help="seconds between two new articles; 0: on request only"
    )
    parser.add_argument("--state", type=Path, help="the file that keeps the world over a restart")
    parser.add_argument("--replay", type=Path, help="a folder of saved answers with a manifest.json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-limits", action="store_true", help="answer however fast the bot sends")
    parser.add_argument("--burst", type=int, default=3, help="messages that a rested private chat takes at once")
    return parser.parse_args()


def _print_line(ready: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()


def _run(arguments: argparse.Namespace) -> None:
    asyncio.run(
        serve_alone(
            _print_line,
            port=arguments.port,
            token=arguments.token,
            every_s=arguments.every,
            replay=arguments.replay,
            seed=arguments.seed,
            state=arguments.state,
            limited=not arguments.no_limits,
            burst=arguments.burst,
        )
    )


if __name__ == "__main__":
    _run(_arguments())
