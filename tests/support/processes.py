"""The sandbox and the bot as processes of their own, forked off a parent that has imported everything already."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import time
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

from tests.support.environment import plain_environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from tests.support.forking import Child, ForkServer

START_S = 60.0
_STOP_S = 30.0
_LOOK_EVERY_S = 0.02
_OWED = """
SELECT (SELECT count(*) FROM inbox WHERE settled_at IS NULL AND chat_id = :chat)
    + (SELECT count(*) FROM fanouts WHERE finished_at IS NULL)
    + (SELECT count(*) FROM outbox JOIN subscribers ON subscribers.id = outbox.subscriber_id
        WHERE subscribers.chat_id = :chat
        AND outbox.state IN ('queued', 'sending') AND outbox.due_at <= :now)
"""


@asynccontextmanager
async def running_sandbox(forks: ForkServer, folder: Path, *arguments: str) -> AsyncIterator[str]:
    """Run ``python -m bot.sandbox`` on a free port; give its root.

    Args:
        forks: what it is forked off.
        folder: where what it prints is kept.
        arguments: of its command line, beside the port.
    """
    output, log = folder / "sandbox.out", folder / "sandbox.log"
    child = await forks.start(
        "bot.sandbox",
        ["--port", "0", *arguments],
        env=plain_environment(),
        folder=folder,
        output=output,
        log=log,
    )
    try:
        async with asyncio.timeout(START_S):
            while not (printed := output.read_text() if output.exists() else "").endswith("\n"):
                assert child.status is None, log.read_text()
                await asyncio.sleep(_LOOK_EVERY_S)
        yield str(json.loads(printed)["url"])
    finally:
        child.send(signal.SIGTERM)
        await child.wait(_STOP_S)


class BotProcess:
    """``newsgist run`` as a process that is started, stopped and killed.

    Args:
        forks: what it is forked off.
        folder: where its data and logs lie.
        env: its environment beside the machine's.
        roles: what it does of the whole; ``web`` must be among them. Empty for everything.

    Attributes:
        log: the file of its standard error, over all its starts.
        health_url: the root of its own pages.
    """

    def __init__(self, forks: ForkServer, folder: Path, *, env: Mapping[str, str], roles: Sequence[str] = ()) -> None:
        self._forks = forks
        self._folder = folder
        self._env = env
        self._roles = roles
        self._output = folder / "bot.out"
        self._child: Child | None = None
        self.log = folder / "bot.log"
        self.health_url = ""
        for file in (self._output, self.log):
            file.touch()  # whoever looks into it need not ask whether it is there yet

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self._folder / "data"

    @property
    def printed(self) -> str:
        """What it has printed on standard output, over all its starts."""
        return self._output.read_text(encoding="utf-8")

    def tail(self) -> str:
        """Give the end of its log."""
        return self.log.read_text(encoding="utf-8")[-4000:]

    async def owes(self, chat: int) -> bool:
        """Tell whether anything is still to be answered or, by now, to be sent in a chat."""
        query = f"file:{self.data / 'newsgist.db'}?mode=ro"
        with closing(sqlite3.connect(query, uri=True)) as database:
            (left,) = database.execute(_OWED, {"chat": chat, "now": time.time_ns() // 1000}).fetchone()
        return bool(left)

    async def start(self, *, back_at: str = "") -> None:
        """Start it and wait until it serves; with a time, closed until then."""
        before = len(self.printed)
        await self.launch(back_at=back_at)
        async with asyncio.timeout(START_S):
            while not (printed := self.printed[before:]).endswith("/readyz\n"):
                assert self._child is not None
                assert self._child.status is None, f"the bot has ended\n{self.tail()}"
                await asyncio.sleep(_LOOK_EVERY_S)
        self.health_url = printed.split()[-1].removesuffix("/readyz")

    async def launch(self, *, api_url: str = "", back_at: str = "") -> None:
        """Start it, ready or not.

        Args:
            api_url: another Bot API server than the sandbox.
            back_at: closed until then, as ``14:30``.
        """
        other = {"NEWSGIST_BOT_API_URL": api_url} if api_url else {}
        arguments = ("--back-at", back_at) if back_at else ()
        self._child = await self._launch(self._roles, *arguments, env=other, output=self._output, log=self.log)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Stop it; give the seconds that it took."""
        child, self._child = self._child, None
        if child is None:
            return 0.0
        started = time.monotonic()
        child.send(how)
        await child.wait(_STOP_S)
        return time.monotonic() - started

    async def restart(self, how: signal.Signals = signal.SIGKILL) -> float:
        """Stop it and start it again; give the seconds that the stop took."""
        took_s = await self.stop(how)
        await self.start()
        return took_s

    @asynccontextmanager
    async def colleague(self, *roles: str) -> AsyncIterator[Child]:
        """Run another process of the bot on the same database, killed at the end; its log is ``ROLES.log``."""
        name = "-".join(roles)
        child = await self._launch(
            roles,
            env={"NEWSGIST_DATA": str(self._folder / name)},
            output=self._folder / f"{name}.out",
            log=self._folder / f"{name}.log",
        )
        try:
            yield child
        finally:
            child.send(signal.SIGKILL)
            await child.wait(_STOP_S)

    async def _launch(
        self, roles: Sequence[str], *arguments: str, env: Mapping[str, str], output: Path, log: Path
    ) -> Child:
        for file in (output, log):
            file.touch()  # whoever looks into it need not ask whether it is there yet
        return await self._forks.start(
            "bot",
            ["run", *(word for role in roles for word in ("--role", role)), *arguments],
            env=plain_environment() | dict(self._env) | dict(env),
            folder=self._folder,
            output=output,
            log=log,
        )
