"""Stories of the model, by the seed: ``python -m tests.faults.stories --seed 7 --stories 20 --steps 100``."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from storage import migrate
from tests.faults.model import Outbox

STEPS = 100


def tell(template: Path, *, first: int, stories: int, steps: int = STEPS) -> None:
    """Tell stories and judge each.

    Args:
        template: a migrated, empty database.
        first: the seed of their chance.
        stories: how many.
        steps: of each.
    """
    Outbox.template = template
    wanted = settings(
        max_examples=stories,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        print_blob=True,
    )
    seed(first)(Outbox)  # it is written on the class, and read from there
    run_state_machine_as_test(Outbox, settings=wanted)


def main() -> None:
    """Tell stories as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.stories", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stories", type=int, default=20)
    parser.add_argument("--steps", type=int, default=STEPS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsgist-stories-") as folder:
        template = Path(folder) / "template.db"
        asyncio.run(migrate(f"sqlite:///{template}"))
        tell(template, first=arguments.seed, stories=arguments.stories, steps=arguments.steps)


if __name__ == "__main__":
    main()
