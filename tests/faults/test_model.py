"""The model's machine over many stories; each worker process takes a share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from storage import migrate
from tests.faults.model import Outbox

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES, STEPS = 20, 100
"""Of each share: 200 stories of a hundred steps in all."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "template.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.mark.parametrize("share", range(10))
def test_nothing_is_lost_doubled_early_or_out_of_order_whatever_happens_in_whatever_order(
    template: Path, share: int
) -> None:
    Outbox.template = template
    wanted = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        print_blob=True,
    )
    run_state_machine_as_test(Outbox, settings=wanted)
