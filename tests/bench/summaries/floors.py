"""Floors under the quality of ``news``, which only rise: ``python -m tests.bench.summaries.floors``.

They are measured on the small corpus of our own. The command raises each floor that lies further below what is
measured now than :data:`SLACK`; it lowers none.
"""

from __future__ import annotations

import json
from typing import Final

from tests.bench.summaries.corpus import OWN, list_files, read_examples
from tests.bench.summaries.quality import mean_rouge
from tests.bench.summaries.systems import BUDGETS, systems

FLOORS: Final = OWN.parent / "floors.json"
SLACK: Final = 1.0
"""Points of ROUGE that a change may cost on so few texts, if it gains elsewhere."""

Points = dict[str, list[float]]
"""ROUGE-1 and -2 F1 in points of a hundred, by system and budget."""

NAMES: Final = ("news", "news, brief")


def measure() -> Points:
    """Score ours on the own corpus; each article counts alike."""
    examples = [example for path in list_files(None) for example in read_examples(path)]
    return {
        f"{name}: {budget_name}": list(mean_rouge(systems()[name].choose, examples, budget))
        for name in NAMES
        for budget_name, budget in BUDGETS.items()
    }


def read_floors() -> Points:
    """Read the floors as they stand."""
    floors: Points = json.loads(FLOORS.read_text(encoding="utf-8"))
    return floors


def raised(floors: Points, measured: Points) -> Points:
    """Give the floors with those that may rise raised."""
    return {
        name: [max(low, round(now - SLACK, 2)) for low, now in zip(floors.get(name, [0.0, 0.0]), points, strict=True)]
        for name, points in measured.items()
    }


def main() -> None:
    """Raise what may rise, and say what was measured."""
    measured = measure()
    floors = raised(read_floors() if FLOORS.exists() else {}, measured)
    FLOORS.write_text(json.dumps(floors, indent=1) + "\n", encoding="utf-8")
    for name, (one, two) in measured.items():
        print(f"{name}: {one:.2f} / {two:.2f}, floors {floors[name][0]:.2f} / {floors[name][1]:.2f}")


if __name__ == "__main__":
    main()
