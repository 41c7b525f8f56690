"""The model's machine over many stories; the long fault runs tell many more of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.faults.house import make_template
from tests.faults.running import repro_line
from tests.faults.stories import STEPS, STORIES, tell

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(300)

SHARES = 20
"""Two hundred stories of a hundred steps; ``make faults SCENARIO=model`` tells as many more as one likes."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "template.db"
    asyncio.run(make_template(path))
    return path


@pytest.mark.parametrize("share", range(1, SHARES + 1))
def test_nothing_is_lost_doubled_early_or_out_of_order_whatever_happens_in_whatever_order(
    template: Path, share: int
) -> None:
    print(f"REPRO: {repro_line('model', 'sqlite', share)}")
    steps = tell(template, first=share, stories=STORIES)
    assert steps >= STORIES * STEPS
