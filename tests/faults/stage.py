"""Where a run takes place: a Telegram in a process of its own, a database with work in it, one bot or two."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.faults.bots import Bot, plain_environment
from tests.faults.proxy import Proxy
from tests.faults.stores import PostgresStore
from tests.faults.workload import EDITOR_ID, TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from tests.faults.stores import PostgresServer, Store, Stores
    from tests.faults.workload import Workload
    from tests.support.forking import ForkServer

    Json = dict[str, Any]

START_S = 30.0
QUIET_S = 60.0
_LOOK_S = 0.1
_WATCH_S = 0.2
_PATIENCE_S = 30.0
_WARM_S = 2.0
"""A start loads what it needs; its loop answers when that is done."""
_OPEN = """
    SELECT (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending'))
         + (SELECT count(*) FROM fanouts WHERE finished_at IS NULL)
         + (SELECT count(*) FROM inbox WHERE settled_at IS NULL)
         + (SELECT count(*) FROM pushes WHERE state = 'sending') AS number,
           (SELECT count(*) FROM inbox) AS updates
"""


_DRAFT = """
    SELECT pushes.id, contents.digest FROM pushes JOIN contents ON contents.id = pushes.content_id
    WHERE pushes.state = 'draft' ORDER BY pushes.id LIMIT 1
"""


class NotQuietError(AssertionError):
    """Work was left when the time was up."""


@dataclass(eq=False)
class Stage:
    """One run.

    Attributes:
        forks: starts processes.
        stores: makes databases.
        folder: where everything of the run lies.
        store: the database.
        workload: what is in it.
        url: Telegram's root.
        seed: of all chance.
        rng: where all chance comes from.
        session: talks to the sandbox.
        settings: of every bot, beside those that it needs.
        bots: those that have been on stage.
        proxy: between the bot and Telegram, where the scenario asked for one.
        wire: between the bot and PostgreSQL, likewise.
        updates: how many updates people have caused.
        asked: how often each chat asked ``/id``.
        confirmed: whether the editor's push was confirmed.
        published: titles of what a paper has published, where there is one.
        followers: the chats that have followed it all the time.
        left: when chats were told that they follow it no more, in seconds since 1970.
        lags: how many seconds later than Telegram a bot said that it lives, each time it was asked.
        slowest_s: the longest that Telegram or a bot took to say so: what this machine adds to every duration.
        metrics: what the bots that were up at the end told of themselves.
        notes: what the scenario wants to be told in the report.
    """

    forks: ForkServer
    stores: Stores
    folder: Path
    store: Store
    workload: Workload
    url: str
    seed: int
    rng: random.Random
    session: aiohttp.ClientSession
    settings: dict[str, str] = field(default_factory=dict)
    button: str = ""
    bots: list[Bot] = field(default_factory=list)
    proxy: Proxy | None = None
    wire: Proxy | None = None
    updates: int = 0
    asked: dict[int, int] = field(default_factory=dict)
    confirmed: bool = False
    published: Sequence[str] = ()
    followers: Sequence[int] = ()
    left: dict[int, float] = field(default_factory=dict)
    lags: list[float] = field(default_factory=list)
    slowest_s: float = 0.0
    metrics: str = ""
    notes: dict[str, float] = field(default_factory=dict)
    _acts: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def bot(self) -> Bot:
        """The first bot."""
        return self.bots[0]

    @property
    def server(self) -> PostgresServer:
        """The PostgreSQL server."""
        assert isinstance(self.store, PostgresStore)
        return self.store.server

    def add_bot(self, name: str = "bot", *, roles: Sequence[str] = ()) -> Bot:
        """Bring a bot on stage, not started yet."""
        host = self.url.removeprefix("http://")
        api_url = f"http://127.0.0.1:{self.proxy.port}" if self.proxy is not None else self.url
        where = {"NEWSGIST_DATA": str(self.store.data)}
        if isinstance(self.store, PostgresStore):
            address = self.store.url
            if self.wire is not None:
                address = f"postgresql://postgres@127.0.0.1:{self.wire.port}/{self.store.name}"
            where = {"NEWSGIST_DATA": str(self.folder / f"data-{name}"), "NEWSGIST_DATABASE_URL": address}
        bot = Bot(
            forks=self.forks,
            folder=self.folder,
            settings={
                "NEWSGIST_BOT_TOKEN": TOKEN,
                "NEWSGIST_BOT_API_URL": api_url,
                "NEWSGIST_ADMINS": str(EDITOR_ID),
                "NEWSGIST_LISTEN": "127.0.0.1:0",
                "NEWSGIST_ALLOW_PRIVATE": host,
                "NEWSGIST_LOG_LEVEL": "DEBUG",
                "NEWSGIST_CATALOGUE": str(self.folder / "offers.tsv"),  # an empty one: nothing outside is read
                **where,
                **self.settings,
            },
            name=name,
            roles=roles,
        )
        self.bots.append(bot)
        return bot

    # ---- people

    def let_people_act(self) -> None:
        """Let people ask and the editor confirm a push, at instants that the seed gives."""
        askers = self.rng.sample(self.workload.reader_ids, self.workload.askers)
        for chat_id in askers:
            self._acts.append(
                asyncio.create_task(self._ask_later(chat_id, self.rng.uniform(0, self.workload.within_s)))
            )
        if self.workload.edits:
            self._acts.append(asyncio.create_task(self._edit()))

    async def _ask_later(self, chat_id: int, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await self.ask(chat_id)

    async def _edit(self) -> None:
        """Confirm one of the editor's two drafts by two taps at once, on whatever message the bot has sent them.

        Who gets no answer asks again.
        """
        message_id = None
        asks_at = time.monotonic() + _PATIENCE_S
        while message_id is None:
            await asyncio.sleep(_LOOK_S)
            if time.monotonic() > asks_at:
                await self.ask(EDITOR_ID)
                asks_at += _PATIENCE_S
            messages = (await self.get(f"/sandbox/chats/{EDITOR_ID}/messages"))["messages"]
            message_id = next((message["id"] for message in messages if message["from_bot"]), None)
        await asyncio.sleep(self.rng.uniform(0.0, 1.0))
        self.confirmed = True
        tap = {"data": self.button, "person": EDITOR_ID, "timeout_s": 1, "forged": True}
        path = f"/sandbox/chats/{EDITOR_ID}/messages/{message_id}/taps"
        self.updates += 2
        await asyncio.gather(self.post(path, tap), self.post(path, tap))

    async def ask(self, chat_id: int) -> None:
        """Let the person of a private chat ask for the chat's number."""
        await self.say(chat_id, "/id")
        self.asked[chat_id] = self.asked.get(chat_id, 0) + 1

    async def say(self, chat_id: int, text: str) -> None:
        """Let the person of a private chat write."""
        self.updates += 1
        await self.post(f"/sandbox/chats/{chat_id}/messages", {"text": text, "person": chat_id})

    async def leave(self, chat_id: int, name: str) -> None:
        """Let the person of a private chat stop following a feed, and wait until it is told so."""
        await self.say(chat_id, f"/unsubscribe {name}")
        ends_at = time.monotonic() + QUIET_S
        while chat_id not in self.left:
            assert time.monotonic() < ends_at, f"nobody has heard that {chat_id} leaves\n{self.tail()}"
            for line in await self.ledger():
                if line["chat_id"] == chat_id and line["carried_out"] and f"{name} removed" in (line["text"] or ""):
                    self.left[chat_id] = line["at"]
            await asyncio.sleep(_LOOK_S)

    async def watch(self) -> None:
        """Ask every bot that serves whether it lives, again and again, and note how much later it answers than others.

        The other is Telegram, asked at the same moment: a machine that has much to do keeps both waiting.
        """
        while True:
            for bot in self.bots:
                if bot.is_up and bot.health_url and time.time() - bot.starts[-1] > _WARM_S:
                    with suppress(aiohttp.ClientError):  # it has just been killed
                        ours, theirs = await asyncio.gather(
                            self._answers_in(f"{bot.health_url}/livez"), self._answers_in(f"{self.url}/livez")
                        )
                        self.lags.append(max(0.0, ours - theirs))
                        self.slowest_s = max(self.slowest_s, ours, theirs)
            await asyncio.sleep(_WATCH_S)

    async def _answers_in(self, address: str) -> float:
        began = time.monotonic()
        async with self.session.get(address) as answer:
            await answer.read()
        return time.monotonic() - began

    async def arm(self, kind: str, **how: Any) -> None:
        """Make Telegram fail on purpose."""
        await self.post("/sandbox/faults", {"kind": kind, **how})

    async def clear_faults(self) -> None:
        """Let Telegram work again."""
        await self._request("DELETE", "/sandbox/faults")

    async def ledger(self) -> list[Json]:
        """Read what Telegram was asked for, and how it answered."""
        lines: list[Json] = await self.get("/sandbox/ledger")
        return lines

    async def delivered(self) -> int:
        """Count the messages that have reached a chat."""
        return sum(line["carried_out"] and line["method"] == "sendMessage" for line in await self.ledger())

    async def wait_for_deliveries(self, number: int, timeout_s: float = 30.0) -> None:
        """Wait until so many messages have reached their chats."""
        ends_at = time.monotonic() + timeout_s
        while await self.delivered() < number:
            if time.monotonic() > ends_at:
                raise NotQuietError(f"fewer than {number} messages in {timeout_s} s\n{self.tail()}")
            await asyncio.sleep(_LOOK_S)

    # ---- the end

    async def kill(self, bot: Bot | None = None) -> None:
        """Kill a bot, and count what it had marked."""
        bot = bot or self.bot
        await bot.stop(signal.SIGKILL)
        bot.note_marked(await self.store.count_marked())

    async def settle(self, timeout_s: float = QUIET_S) -> None:
        """Wait until there is nothing left to do.

        Raises:
            NotQuietError: there is.
        """
        if self._acts:  # people go on acting where only the waiting for them is given up
            acted, still = await asyncio.wait(self._acts, timeout=timeout_s)
            for act in acted:
                act.result()
            if still:
                raise NotQuietError(f"after {timeout_s} s {len(still)} people still wait\n{self.tail()}")
        ends_at = time.monotonic() + timeout_s
        left: Json = {}
        while time.monotonic() < ends_at:
            left = (await self.store.rows(_OPEN))[0]
            if not left["number"] and left["updates"] >= self.updates:
                return
            await asyncio.sleep(_LOOK_S)
        waiting = await self.store.rows(
            "SELECT id, kind, verb, state, due_at, reason FROM outbox WHERE settled_at IS NULL"
        )
        raise NotQuietError(f"after {timeout_s} s: {left} of {self.updates} updates, {waiting[:5]}\n{self.tail()}")

    def tail(self) -> str:
        """Give the ends of the bots' logs."""
        return "\n".join(bot.tail() for bot in self.bots)

    async def get(self, path: str) -> Any:
        """Ask the sandbox."""
        return await self._request("GET", path)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Tell the sandbox."""
        return await self._request("POST", path, json=body)

    async def _request(self, method: str, path: str, **how: Any) -> Any:
        async with self.session.request(method, self.url + path, **how) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def close(self) -> None:
        """Kill what is left."""
        for act in self._acts:
            act.cancel()
        await asyncio.gather(*self._acts, return_exceptions=True)
        for bot in self.bots:
            await bot.close()


@asynccontextmanager
async def open_stage(
    forks: ForkServer,
    stores: Stores,
    folder: Path,
    *,
    database: str,
    workload: Workload,
    seed: int,
    proxied: bool = False,
    wired: bool = False,
    server: str = "shared",
    settings: Mapping[str, str] | None = None,
    data: Path | None = None,
) -> AsyncIterator[Stage]:
    """Set a stage.

    Args:
        forks: starts processes.
        stores: makes databases.
        folder: an empty one.
        database: ``sqlite`` or ``postgresql``.
        workload: what there is to do.
        seed: of all chance.
        proxied: whether a proxy stands between the bot and Telegram.
        wired: whether one stands between the bot and PostgreSQL.
        server: which PostgreSQL.
        settings: of the bots, beside those that they need.
        data: the bot's data folder; ``None`` for one within ``folder``.
    """
    async with AsyncExitStack() as stack:
        store = await stores.new(database, workload, data or folder / "data", server=server)
        stack.push_async_callback(store.drop)
        sandbox = await forks.start(
            "bot.sandbox",
            ["--port", "0", "--token", TOKEN, "--every", "0", "--seed", str(seed)],
            env=plain_environment(),
            folder=folder,
            output=folder / "sandbox.out",
            log=folder / "sandbox.log",
        )
        stack.callback(sandbox.send, signal.SIGKILL)
        url = await _address(folder / "sandbox.out")
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)))
        stage = Stage(
            forks=forks,
            stores=stores,
            folder=folder,
            store=store,
            workload=workload,
            url=url,
            seed=seed,
            rng=random.Random(seed),
            session=session,
            settings=dict(settings or {}),
        )
        for draft in await store.rows(_DRAFT):
            stage.button = f"1:pu.send:{draft['id']}:{draft['digest'][:12]}"
        stack.push_async_callback(stage.close)
        await asyncio.to_thread((folder / "offers.tsv").touch)
        if proxied:
            host, _, port = url.removeprefix("http://").rpartition(":")
            stage.proxy = await stack.enter_async_context(Proxy(lambda: asyncio.open_connection(host, int(port))))
        if wired and isinstance(store, PostgresStore):
            path = store.server.socket_path
            stage.wire = await stack.enter_async_context(Proxy(lambda: asyncio.open_unix_connection(path)))
        for chat_id in workload.reader_ids:
            await stage.post("/sandbox/people", {"name": f"Reader {chat_id}", "id": chat_id, "started": True})
        await stage.ask(EDITOR_ID)
        watching = asyncio.create_task(stage.watch())
        stack.callback(watching.cancel)
        yield stage


async def _address(output: Path) -> str:
    ends_at = time.monotonic() + START_S
    while time.monotonic() < ends_at:
        printed = await asyncio.to_thread(_read, output)
        if printed.endswith("\n"):
            return str(json.loads(printed)["url"])
        await asyncio.sleep(0.01)
    raise NotQuietError("the sandbox has not come up")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
