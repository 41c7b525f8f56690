"""``python -m tests.bench.delivery [PART …] [--aiogram PYTHON]``: Markdown tables, and a picture.

Parts: ``pace``, ``cost``, ``planning``, ``turns``, ``chat``, ``machines``, ``broadcast``; without any, all of them.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from tests.bench.delivery import broadcast, chat, cost, machines, pace, planning, turns
from tests.bench.delivery.server import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PARTS = ("pace", "cost", "planning", "turns", "chat", "machines", "broadcast")


def main() -> None:
    """Measure what is named, or everything."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("parts", nargs="*", help=", ".join(PARTS))
    arguments.add_argument("--aiogram", type=Path, help="an interpreter that has aiogram")
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    for part in given.parts or PARTS:
        print(f"\n## {part}\n", flush=True)
        with serving() as server:
            match part:
                case "pace":
                    lines = asyncio.run(pace.measure(server))
                case "cost":
                    lines = asyncio.run(cost.measure(server, aiogram_python=given.aiogram))
                case "planning":
                    lines = asyncio.run(_print(planning.measure()))
                case "turns":
                    lines = asyncio.run(_print(turns.measure()))
                case "chat":
                    lines = asyncio.run(chat.measure(server))
                case "machines":
                    lines = asyncio.run(machines.measure(server))
                case "broadcast":
                    lines = asyncio.run(broadcast.measure(server))
                case other:
                    arguments.error(f"no part is called {other}")
        print("\n".join(lines), flush=True)


async def _print(lines: AsyncIterator[str]) -> list[str]:
    """Print lines as they come; nothing is left to print after it."""
    async for line in lines:
        print(line, flush=True)
    return []


if __name__ == "__main__":
    main()
