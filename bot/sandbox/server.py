"""The sandbox as one server on loopback: Bot API, people's side, chat page, sample site, replay."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
from importlib import resources
from typing import TYPE_CHECKING, Self

from aiohttp import web

from bot.sandbox.botapi.methods import Methods
from bot.sandbox.botapi.server import BotApi
from bot.sandbox.botapi.webhook import Webhook
from bot.sandbox.control.arranging import Arranging
from bot.sandbox.control.living import ControlApi
from bot.sandbox.control.staging import Staging
from bot.sandbox.guard import refuse_strangers
from bot.sandbox.replay import Replay
from bot.sandbox.site.newsdesk import Newsdesk
from bot.sandbox.site.server import Site
from bot.sandbox.state import dump, read_state, restore, write_state
from bot.sandbox.world.inhabitants import populate
from bot.sandbox.world.model import SystemClock
from bot.sandbox.world.people import People
from bot.sandbox.world.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from types import TracebackType

    from bot.sandbox.site.newsdesk import Outlet
    from bot.sandbox.telegram.pacing import Clock, Limits

DEFAULT_TOKEN = "700000042:sandbox-token-that-opens-nothing"  # noqa: S105  it opens nothing but the sandbox
_log = logging.getLogger(__name__)
_TOPICS = ("local", "business", "science", "world", "politics", "sport")
_MAX_REQUEST_BYTES = 64 * 1024 * 1024
_SAVE_EVERY_S = 0.5
_SHUTDOWN_S = 0.5
_PAGE_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class Sandbox:
    """A local Telegram with people to talk to and news to read; an async context manager.

    Args:
        host: the loopback address to listen on.
        port: the port to listen on; 0 takes a free one, and so does one that is taken.
        token: the bot's; the digits before its colon are the bot's id.
        every_s: seconds between two new articles; 0 publishes only on request.
        replay: a folder of saved answers with a ``manifest.json``; ``None`` serves none.
        seed: what the follow-up articles' figures are drawn by.
        clock: where time comes from.
        limits: the rate limits that are kept.
        state: the file that keeps the world over a restart; ``None`` keeps nothing.
        at_start: articles that are out from the start.
        headless: whether there is no chat page.

    Raises:
        ManifestError: the replay's manifest cannot be used.
        ValueError: the state file is not this bot's.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 8081,
        token: str = DEFAULT_TOKEN,
        every_s: float = 30.0,
        replay: Path | None = None,
        seed: int = 1,
        clock: Clock | None = None,
        limits: Limits | None = None,
        state: Path | None = None,
        at_start: int = 13,
        headless: bool = False,
    ) -> None:
        self.host = host
        self.port = port
        self.token = token
        self.moved = False
        clock = clock or SystemClock()
        self.world = World(token=token, clock=clock, limits=limits)
        self.people = People(self.world)
        self.newsdesk = Newsdesk(clock=clock, every_s=every_s, seed=seed, at_start=at_start)
        self.replay = None if replay is None else Replay(replay)
        self._state = state
        self._headless = headless
        self._webhook = Webhook(self.world.updates, self.world.faults)
        self._stack = contextlib.AsyncExitStack()

    @property
    def url(self) -> str:
        """The server's root, without a final slash; the Bot API answers below it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def page_url(self) -> str:
        """The chat page's address."""
        return f"{self.url}/"

    @property
    def site_url(self) -> str:
        """The sample site's address."""
        return f"{self.url}/site/"

    @property
    def suggestions(self) -> list[dict[str, str]]:
        """The sample papers' feeds as what to offer a newcomer: of each language in turn, one a topic."""
        papers: dict[str, list[Outlet]] = {}
        for outlet in self.newsdesk.outlets.values():
            papers.setdefault(outlet.language, []).append(outlet)
        return [
            {
                "topic": topic,
                "lang": lang,
                "url": f"{self.url}{outlets[rank % len(outlets)].feed_path}",
                "title": outlets[rank % len(outlets)].name,
            }
            for lang, outlets in papers.items()
            for rank, topic in enumerate(_TOPICS)
        ]

    @property
    def replay_url(self) -> str:
        """Where saved answers are asked for, with the address as ``?url=``."""
        return f"{self.url}/replay"

    async def __aenter__(self) -> Self:
        """Restore the world and listen."""
        saved = None if self._state is None else await asyncio.to_thread(read_state, self._state)
        if saved is None:
            populate(self.world)
        else:
            restore(self.world, self.newsdesk, saved)
        async with contextlib.AsyncExitStack() as stack:
            if self._state is not None:
                await stack.enter_async_context(_saving(self.world, self.newsdesk, self._state))
            runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=_SHUTDOWN_S)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await self._listen(runner)
            stack.push_async_callback(self._webhook.close)
            stack.callback(self.world.updates.close)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let waiting requests go, stop listening, save the world."""
        await self._stack.aclose()

    async def _listen(self, runner: web.AppRunner) -> None:
        site = web.TCPSite(runner, self.host, self.port)
        try:
            await site.start()
        except OSError as error:
            if error.errno != errno.EADDRINUSE or self.port == 0:
                raise
            self.moved = True
            site = web.TCPSite(runner, self.host, 0)
            await site.start()
        self.port = int(runner.addresses[-1][1])

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[refuse_strangers], client_max_size=_MAX_REQUEST_BYTES)
        BotApi(self.world, Methods(self.world, self.people), self._webhook).add_routes(app.router)
        ControlApi(self.world, self.people).add_routes(app.router)
        Arranging(self.world, self.people).add_routes(app.router)
        Staging(self.world, self.newsdesk).add_routes(app.router)
        Site(self.newsdesk).add_routes(app.router)
        if self.replay is not None:
            self.replay.add_routes(app.router)
        if self._headless:
            return app
        app.router.add_get("/", _page)
        app.router.add_get(r"/page/{name:[a-z-]+\.(?:css|js|svg)}", _page)
        return app


async def _page(request: web.Request) -> web.Response:
    """Serve the chat page's files from the package."""
    name = request.match_info.get("name", "index.html")
    file = resources.files("bot.sandbox.page").joinpath(name)
    if not file.is_file():
        raise web.HTTPNotFound
    kind = _PAGE_TYPES[name.rpartition(".")[2]]
    return web.Response(text=file.read_text(encoding="utf-8"), content_type=kind, headers=_PAGE_HEADERS)


@contextlib.asynccontextmanager
async def _saving(world: World, newsdesk: Newsdesk, path: Path) -> AsyncIterator[None]:
    """Write the world down soon after each change, and once more at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(_save_changes(world, newsdesk, path, stop), name="sandbox state")
    try:
        yield
    finally:
        # Not cancelled: the thread would go on writing, and the last word must be ours.
        stop.set()
        await task
        write_state(path, dump(world, newsdesk, clean=True))


async def _save_changes(world: World, newsdesk: Newsdesk, path: Path, stop: asyncio.Event) -> None:
    saved: tuple[int, int, int] | None = None
    while not stop.is_set():
        mark = (world.revision, world.updates.next_id, newsdesk.published + newsdesk.corrections)
        if mark != saved:
            # The snapshot is taken in the loop, where nothing changes meanwhile; the disk is left to a thread.
            try:
                await asyncio.to_thread(write_state, path, dump(world, newsdesk, clean=False))
                saved = mark
            except OSError:
                _log.exception("the sandbox's state could not be saved to %s", path)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=_SAVE_EVERY_S)
