"""What all runs together have shown: lines in a file, and a table of them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tests.faults.running import Result

    Json = dict[str, Any]

_COLUMNS = (
    "scenario",
    "database",
    "runs",
    "kills",
    "deliveries",
    "lost",
    "doubled",
    "unknown, most in a run",
    "marked, most at a kill",
    "recovery, longest",
    "broken",
)


def append(path: Path, result: Result, *, commit: str, at: str) -> None:
    """Add a run to the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {"at": at, "commit": commit, **asdict(result)}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read(path: Path) -> list[Json]:
    """Read the runs of a file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def table(lines: Iterable[Json]) -> str:
    """Write the runs as a table in Markdown, a row for each scenario and database, and one for all."""
    groups: dict[tuple[str, str], list[Json]] = defaultdict(list)
    every: dict[str, list[Json]] = defaultdict(list)
    for line in lines:
        if "beyond" not in line["notes"]:
            groups[line["scenario"], line["database"]].append(line)
            every[line["database"]].append(line)
    rows = [_row(scenario, database, runs) for (scenario, database), runs in sorted(groups.items())]
    rows += [_row("**all**", database, runs) for database, runs in sorted(every.items())]
    return "\n".join(f"| {' | '.join(row)} |" for row in (_COLUMNS, ["---"] * len(_COLUMNS), *rows))


def _row(scenario: str, database: str, runs: Sequence[Json]) -> list[str]:
    def total(name: str) -> str:
        return f"{sum(run[name] for run in runs):,}"

    recoveries = [
        each
        for run in runs
        for each in (run["recovery_s"], run["notes"].get("recovery_s"), run["notes"].get("takeover_s"))
        if each is not None
    ]
    return [
        scenario,
        database,
        f"{len(runs):,}",
        total("kills"),
        total("deliveries"),
        total("lost"),
        total("doubled"),
        str(max(run["unknown"] for run in runs)),
        str(max(run["marked"] for run in runs)),
        f"{max(recoveries):.1f} s" if recoveries else "",
        str(sum(bool(run["violations"]) for run in runs)),
    ]
