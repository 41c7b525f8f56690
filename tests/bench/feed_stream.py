"""Feeds through the command line, starting included, beside peers as programs of a dozen lines.

``python -m tests.bench.feed_stream fastfeedparser`` is such a program: JSON lines in, JSON lines out.
"""

from __future__ import annotations

import base64
import importlib
import json
import resource
import subprocess
import sys
from typing import Any

_PEERS = ("fastfeedparser",)
_TURNS = 3


def run(bodies: list[bytes], well_formed: list[bytes]) -> list[str]:
    """Time each program by turns; return the lines of a Markdown table.

    Args:
        bodies: feeds of all kinds.
        well_formed: those of them that are.
    """
    commands = {"Newsgist": ["-m", "bot", "feed", "--jsonl"]}
    commands |= {peer: ["-m", "tests.bench.feed_stream", peer] for peer in _PEERS}
    inputs = [_row(b"<rss><channel/></rss>"), *(b"".join(map(_row, some)) for some in (bodies, well_formed))]
    spent_s = {name: [float("inf")] * len(inputs) for name in commands}
    for _ in range(_TURNS):
        for name, command in commands.items():
            for rank, given in enumerate(inputs):
                spent_s[name][rank] = min(spent_s[name][rank], _cpu_s(command, given))
    return [
        "| program (JSON lines, CPU of the process, best of three turns) | one empty feed | feeds/s | well-formed/s |",
        "|---|---|---|---|",
        *(
            f"| {name} | {start_s:.2f} s | {len(bodies) / all_s:.0f} | {len(well_formed) / well_s:.0f} |"
            for name, (start_s, all_s, well_s) in spent_s.items()
        ),
    ]


def _row(body: bytes) -> bytes:
    row = {"id": 1, "url": "https://tidewatch.example/feed", "body_base64": base64.b64encode(body).decode()}
    return json.dumps(row).encode() + b"\n"


def _cpu_s(command: list[str], given: bytes) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], input=given, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(peer: str) -> None:
    """Answer feeds as they come with what a peer reads of them."""
    parse = importlib.import_module(peer).parse
    for line in sys.stdin:
        row = json.loads(line)
        try:
            entries: list[Any] = parse(base64.b64decode(row["body_base64"])).entries
        except Exception:  # noqa: BLE001 it raises whatever its parts raise; a bench counts that as nothing read
            entries = []
        print(json.dumps({"id": row["id"], "entries": [_plain(entry) for entry in entries]}, ensure_ascii=False))


def _plain(entry: Any) -> dict[str, Any]:
    content = entry.get("content") or [{}]
    return {
        **{key: entry.get(key) for key in ("id", "link", "title", "author", "published", "summary")},
        "content": content[0].get("value") if isinstance(content, list) else content,
    }


if __name__ == "__main__":
    main(sys.argv[1])
