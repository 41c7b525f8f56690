"""Stories of the model, by the seed: ``python -m tests.faults.stories --seed 7 --stories 20 --steps 100``."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.house import make_template, open_house
from tests.faults.model import Outbox

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS, STORIES = 100, 10
"""Of one share, told in one go by one seed."""


def tell(template: Path, *, first: int, stories: int, steps: int = STEPS) -> int:
    """Tell stories and judge each, until they have taken together as many steps as asked for: some are short.

    Args:
        template: what each begins with.
        first: the seed of their chance.
        stories: how many.
        steps: of each.

    Returns:
        How many steps they took.
    """
    Outbox.steps = 0
    chance = first * 1000
    with _undisturbed(), open_house(template) as house:
        Outbox.house = house
        while (left := stories - Outbox.steps // steps) > 0:
            seed(chance)(Outbox)  # it is written on the class, and read from there
            run_state_machine_as_test(Outbox, settings=_settings(left, steps))
            chance += 1
    return Outbox.steps


def _settings(stories: int, steps: int) -> settings:
    return settings(
        max_examples=stories,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        print_blob=True,
    )


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Tell stories without writing a log and without looking for garbage among what was there before."""
    logs = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
        structlog.configure(**logs)


def main() -> None:
    """Tell stories as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.stories", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stories", type=int, default=STORIES)
    parser.add_argument("--steps", type=int, default=STEPS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsgist-stories-") as folder:
        template = Path(folder) / "template.db"
        asyncio.run(make_template(template))
        tell(template, first=arguments.seed, stories=arguments.stories, steps=arguments.steps)


if __name__ == "__main__":
    main()
