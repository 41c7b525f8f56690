"""The one place that wires the house: opens everything in order, runs it, closes it in reverse."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

import structlog
from pydantic import SecretStr
from telegram.error import TelegramError

from bot import __version__
from bot.chat.dispatch import Dispatcher
from bot.chat.feeds.list_adder import ListAdder
from bot.chat.feeds.offers import OfferKeeper
from bot.chat.menu import announce_commands
from bot.chat.porter import Porter
from bot.chat.turn.files import Files
from bot.chat.turn.names import Names
from bot.chat.turn.rights import ChatRights
from bot.chat.turn.turns import House
from bot.chat.updates import WANTED, receive
from bot.delivery.errors import NeverLeftError, NoAnswerError
from bot.delivery.telegram import open_bot
from bot.loops import act_at_end, run_until
from bot.news.feeds.websub import WebSub
from bot.news.finding.catalogue import (
    Catalogue,
    CatalogueError,
    Suggestion,
    catalogue_of,
    load_catalogue,
    read_catalogue,
)
from bot.news.polling.ingest import Ingest
from bot.news.polling.loops import Polling
from bot.news.polling.notices import Notices
from bot.news.reader import Reader
from bot.news.web.client import Web
from bot.news.web.guard import Guard, parse_allow
from bot.news.workers import Workers
from bot.parts import ALL_PARTS, Part
from bot.sending import SendingPart
from bot.settings import Access, SettingsError, UnknownPolicy
from bot.web.health import Health
from bot.web.server import Endpoints, build, serve
from storage import Storage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import Any

    from bot.delivery.telegram import BotApi
    from bot.loops import Loop
    from bot.settings import Settings

_log = structlog.get_logger(__name__)

DRAIN_S: Final = 10.0
"""How long a stop may take."""
_SERVER_RETRY_S: Final = 5.0
_EXAMPLE_SITE: Final = "tidewatch.example"
_SANDBOX_POLL_S: Final = 10.0
_PRELOAD: Final = ("bot.news.preloaded",)


_READING: Final = frozenset({Part.POLL, Part.READ, Part.CHAT})
"""The parts that read what others have written, in processes that may be killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What is told to whoever waits for the start.

    Attributes:
        username: The bot's name, without the @.
        page_url: The sandbox's chat page; ``None`` for a bot on Telegram.
        sample_address: An address to paste to begin.
        page_moved: The sandbox's port was taken, so another one was.
        has_owner: Whether the settings name an owner.
        health_url: The root of ``/livez``, ``/readyz`` and ``/metrics``; ``None`` where this process has no web part.
    """

    username: str
    page_url: str | None
    sample_address: str
    page_moved: bool
    has_owner: bool
    health_url: str | None


def now_utc() -> datetime:
    """Tell the time, aware, in UTC."""
    return datetime.now(UTC)


async def run(
    settings: Settings,
    *,
    parts: frozenset[Part] = ALL_PARTS,
    replay: Path | None = None,
    back_at: datetime | None = None,
    on_ready: Callable[[Ready], None] = lambda _ready: None,
) -> None:
    """Run the bot until SIGTERM or SIGINT; without a token, in the sandbox.

    Args:
        settings: What the operator decided.
        parts: What this process does.
        replay: A folder of saved feeds and pages to read instead of the web.
        back_at: Only tell people that the house is closed until about then, and keep what they write.
        on_ready: Called once everything stands.

    Raises:
        StorageError: The data cannot be opened.
        TokenRejectedError: Telegram does not know the token.
    """
    stop = asyncio.Event()
    _stop_on_signals(stop)
    async with AsyncExitStack() as stack:
        live, sandbox = await stack.enter_async_context(_sandbox_where_needed(settings, replay=replay))
        live.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        storage = await stack.enter_async_context(Storage.open(live.storage_url, bot_id=live.bot_id, data=live.home))
        workers = Workers(preload=_PRELOAD)
        if parts & _READING:
            await stack.enter_async_context(workers)
        web = await stack.enter_async_context(
            Web(
                Guard(parse_allow(live.allow_private)),
                contact=live.contact_url,
                replay_root=sandbox.replay_url if sandbox is not None and replay is not None else None,
            )
        )
        bot = await _reach_telegram(stack, live, stop)
        if bot is None:
            return
        reader = Reader(web, workers)
        sample_address = _EXAMPLE_SITE
        if sandbox is not None:
            sample_address = sandbox.replay.addresses[0] if sandbox.replay is not None else sandbox.site_url
        house = House(
            storage=storage,
            reader=reader,
            owners=live.admins,
            username=bot.username or "",
            sample_address=sample_address,
            version=__version__,
            rights=ChatRights(bot),
            names=Names(bot),
            files=Files(bot),
            by_invitation=live.access is Access.INVITE,
            paid_broadcast=live.paid_broadcast,
            max_feeds=live.max_feeds,
            poll_min_s=live.poll_min_s,
            catalogue=await asyncio.to_thread(_open_catalogue, live, sandbox),
            zone=_machine_zone() if sandbox is not None else "",
        )
        health = Health(storage)
        hubs = None
        if live.webhook_url is not None:
            hubs = WebSub(storage, web, public_url=live.webhook_url, clock=now_utc)
        loops = _loops(
            live,
            parts,
            storage=storage,
            bot=bot,
            reader=reader,
            house=house,
            health=health,
            hubs=hubs,
            closed=back_at is not None,
        )
        if back_at is not None:
            loops = _closed(loops, Porter(storage, bot, house, back_at=back_at, clock=now_utc))
        health_url = None
        if Part.WEB in parts:
            health_url = await stack.enter_async_context(_web_server(live, storage, health, hubs))
        if Part.CHAT in parts:
            await _set_webhook(bot, live)
            # A dozen requests: what waits to be sent since the last run should not wait for them too.
            loops["announce"] = partial(_announce, bot, await _find_newsroom(storage, live))
        loops["wake"] = partial(act_at_end, storage.wake_all)
        on_ready(
            Ready(
                username=bot.username,
                page_url=sandbox.page_url if sandbox is not None else None,
                sample_address=sample_address,
                page_moved=sandbox.moved if sandbox is not None else False,
                has_owner=bool(live.admins),
                health_url=health_url,
            )
        )
        await run_until(stop, loops, drain_s=DRAIN_S)


def _loops(
    settings: Settings,
    parts: frozenset[Part],
    *,
    storage: Storage,
    bot: BotApi,
    reader: Reader,
    house: House,
    health: Health,
    hubs: WebSub | None,
    closed: bool,
) -> dict[str, Loop]:
    """Name the loops of the parts that this process plays."""
    ingest = Ingest(storage, reader, clock=now_utc, poll_min_s=settings.poll_min_s, owners=settings.admins, hubs=hubs)
    polling = Polling(storage, ingest, clock=now_utc)
    loops: dict[str, Loop] = {}
    if Part.POLL in parts:
        loops["poll_feeds"] = polling.poll_feeds
        loops["keep_offers"] = OfferKeeper(storage, house.catalogue, clock=now_utc).run
        loops["tell_of_feeds"] = Notices(storage, clock=now_utc).run
        if hubs is not None:
            loops["ask_hubs"] = hubs.run
    if Part.READ in parts:
        loops["finish_articles"] = polling.finish_articles
        loops["look_again"] = ingest.look_again
    if Part.CHAT in parts:
        loops["chat"] = Dispatcher(storage, bot, house, clock=now_utc).run
        loops["add_lists"] = ListAdder(storage, clock=now_utc).run
    if Part.SEND in parts:
        sending = SendingPart(
            storage,
            bot,
            clock=now_utc,
            resend=settings.unknown is UnknownPolicy.RESEND,
            polls=settings.webhook_url is None,
            owners=settings.admins,
            closed=closed,
            chat_burst=settings.chat_burst,
        )
        health.watch(sending)
        loops["send"] = sending.run
    return loops


def _closed(loops: dict[str, Loop], porter: Porter) -> dict[str, Loop]:
    """Leave of the loops what takes updates in and lets answers out, and put the porter in the chat's place."""
    return {"porter": porter.run, **({"send": loops["send"]} if "send" in loops else {})}


async def _announce(bot: BotApi, newsroom: list[tuple[int, str]], stop: asyncio.Event) -> None:
    """Register the menus once, then wait for ``stop``."""
    announcing = asyncio.create_task(announce_commands(bot, newsroom))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({announcing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if announcing.done():
        await announcing
    else:
        announcing.cancel()
    await stopping


async def _find_newsroom(storage: Storage, settings: Settings) -> list[tuple[int, str]]:
    """Find the private chats of owners and editors, with their languages."""
    async with storage.read() as work:
        ids = sorted({*settings.admins, *(editor.user_id for editor in await work.newsroom.list_editors())})
        chats = [await work.subscribers.find_by_chat(user_id) for user_id in ids]
    return [(chat.chat_id, chat.lang) for chat in chats if chat is not None]


def _machine_zone() -> str:
    """Name this machine's zone: the chat page tells its times by it, so the sandbox's people should too."""
    named = os.environ.get("TZ", "").lstrip(":")
    path = Path("/etc/localtime")
    name = named or (str(path.resolve()).partition("zoneinfo/")[2] if path.is_symlink() else "")
    return name if name in available_timezones() else ""


def _open_catalogue(settings: Settings, sandbox: Any) -> Catalogue:  # noqa: ANN401 - a live bot never loads its type
    """Open the catalogue that is to be offered: the operator's, in the sandbox its own site's, else what ships."""
    if settings.catalogue is not None:
        try:
            return read_catalogue(settings.catalogue)
        except CatalogueError as error:
            raise SettingsError([f"NEWSGIST_CATALOGUE: {error}"]) from error
    if sandbox is None:
        return load_catalogue()
    if sandbox.replay is not None:
        return Catalogue()
    return catalogue_of([Suggestion(**each) for each in sandbox.suggestions])


@asynccontextmanager
async def _sandbox_where_needed(settings: Settings, *, replay: Path | None) -> AsyncIterator[tuple[Settings, Any]]:
    """Start the sandbox where there is no token, and point the settings at it."""
    if settings.bot_token is not None:
        yield settings, None
        return
    from bot.sandbox import EDITOR_ID, ManifestError, Sandbox  # noqa: PLC0415 - a live bot never loads it

    data = settings.home
    data.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        try:
            sandbox = await stack.enter_async_context(
                Sandbox(
                    host=settings.sandbox.host, port=settings.sandbox.port, replay=replay, state=data / "telegram.json"
                )
            )
        except (ManifestError, ValueError) as error:
            raise SettingsError([str(error)]) from error
        allow = ",".join(part for part in (settings.allow_private, f"{sandbox.host}:{sandbox.port}") if part)
        changes = {
            "bot_token": SecretStr(sandbox.token),
            "bot_api_url": sandbox.url,
            "admins": frozenset({EDITOR_ID}),
            "data": data,
            "allow_private": allow,
        }
        if "poll_min_s" not in settings.model_fields_set:
            changes["poll_min_s"] = _SANDBOX_POLL_S
        yield settings.model_copy(update=changes), sandbox


async def run_sandbox(announce: Callable[[dict[str, Any]], None], **how: Any) -> None:  # noqa: ANN401 - its own keywords
    """Run the sandbox without the bot until SIGTERM or SIGINT; how: as ``serve_alone`` takes it.

    Raises:
        SettingsError: What it is given cannot be used.
    """
    from bot.sandbox.alone import serve_alone  # noqa: PLC0415 - a live bot never loads it
    from bot.sandbox.replay import ManifestError  # noqa: PLC0415

    try:
        await serve_alone(announce, **how)
    except (ManifestError, ValueError) as error:
        raise SettingsError([str(error)]) from error


async def _reach_telegram(stack: AsyncExitStack, settings: Settings, stop: asyncio.Event) -> BotApi | None:
    """Open the bot, however long its server takes to answer; ``None`` when stopped before."""
    token = settings.bot_token.get_secret_value() if settings.bot_token is not None else ""
    while not stop.is_set():
        try:
            return await stack.enter_async_context(open_bot(token, settings.bot_api_url))
        except (NeverLeftError, NoAnswerError) as error:
            _log.warning("telegram_unreachable", server=settings.bot_api_url, cause=str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=_SERVER_RETRY_S)
    return None


async def _set_webhook(bot: BotApi, settings: Settings) -> None:
    """Tell Telegram where updates go: to our address, or nowhere until we ask."""
    if settings.webhook_url is None or settings.webhook_secret is None:
        try:
            await bot.call("deleteWebhook", {})
        except TelegramError as error:  # where there is one, getUpdates will say so
            _log.warning("webhook_not_removed", cause=type(error).__name__)
    else:
        parameters = {
            "url": f"{settings.webhook_url}/telegram",
            "secret_token": settings.webhook_secret.get_secret_value(),
            "allowed_updates": list(WANTED),
        }
        try:
            await bot.call("setWebhook", parameters)
        except TelegramError as error:
            raise SettingsError([f"Telegram refuses the webhook {settings.webhook_url}: {error}"]) from error


@asynccontextmanager
async def _web_server(
    settings: Settings, storage: Storage, health: Health, hubs: WebSub | None
) -> AsyncIterator[str | None]:
    """Serve health and webhook; a taken port costs a bot that polls only its health page."""
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret and settings.webhook_url else None
    endpoints = Endpoints(
        readiness=health.faults,
        registry=health.registry,
        secret=secret,
        receive=lambda update: receive(storage, [update], now=now_utc()),
        hubs=hubs,
    )
    host, port = settings.listen.host, settings.listen.port
    async with AsyncExitStack() as stack:
        try:
            taken = await stack.enter_async_context(serve(build(endpoints), host=host, port=port))
        except OSError:
            if secret is not None:
                raise
            _log.warning("health_page_off", listen=str(settings.listen), cause="the port is taken")
            taken = None
        yield f"http://{host}:{taken}" if taken is not None else None


def _stop_on_signals(stop: asyncio.Event) -> None:
    """Stop gently at the first signal; the second ends the process at once, as a kill would."""
    loop = asyncio.get_running_loop()

    def gently(number: signal.Signals) -> None:
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, gently, number)
