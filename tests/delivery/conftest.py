"""A real database and the sandbox, opened for each test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.telegram.pacing import Limits
from storage import Storage
from tests.delivery.post import TOKEN, Post
from tests.support.databases import sqlite_template

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

__all__ = ["sqlite_template"]

BOT_ID = int(TOKEN.partition(":")[0])


@pytest.fixture
def limits() -> Limits:
    return Limits(enforced=False)


@pytest.fixture
async def storage(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Storage]:
    path = tmp_path / "newsgist.db"
    shutil.copyfile(sqlite_template, path)
    async with Storage.open(f"sqlite:///{path}", bot_id=BOT_ID, data=None) as opened:
        yield opened


@pytest.fixture
async def post(storage: Storage, tmp_path: Path, limits: Limits) -> AsyncIterator[Post]:
    async with Sandbox(port=0, token=TOKEN, every_s=0, at_start=0, limits=limits) as sandbox:
        yield Post(storage, sandbox, tmp_path / "newsgist.db")
