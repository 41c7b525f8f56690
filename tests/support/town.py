"""A town to journey through: a sandbox and a bot, each a process of its own, driven over HTTP as a person would."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    Message = dict[str, Any]

READER_ID = 700100001
EDITOR_ID = 700100002
ANONYMOUS_ADMIN_ID = 1087968824
TOKEN = "700000042:canary-token-that-no-log-may-show"
START_S = 30.0
ANSWER_S = 20.0
_STOP_S = 20.0
_LOOK_EVERY_S = 0.1
_EDITOR_IDS = range(700100010, 700100060)
"""They stand in the settings, for the editors whom tests bring to town."""


class NotSeenError(AssertionError):
    """What a journey waited for did not come."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes and taps, in the private chat with the bot unless another chat is named."""

    id: int
    town: Town

    async def say(
        self, text: str, *, chat: int | None = None, reply_to: int | None = None, topic: int | None = None
    ) -> int:
        """Send a text; give its message id."""
        body = {"text": text, "person": self.id, "reply_to": reply_to, "thread_id": topic}
        sent = await self.town.post(f"/sandbox/chats/{chat or self.id}/messages", body)
        return int(sent["id"])

    async def send_file(self, name: str, data: bytes, *, caption: str = "") -> int:
        """Send a file; give its message id."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("person", str(self.id))
        form.add_field("caption", caption)
        form.add_field("file", io.BytesIO(data), filename=name, content_type="application/octet-stream")
        sent = await self.town.upload(f"/sandbox/chats/{self.id}/documents", form)
        return int(sent["id"])

    async def edit(self, message_id: int, text: str) -> None:
        """Change a text that was sent."""
        await self.town.patch(f"/sandbox/chats/{self.id}/messages/{message_id}", {"text": text})

    async def ask(self, text: str, *words: str, reply_to: int | None = None, timeout_s: float = ANSWER_S) -> Message:
        """Send a text and wait for an answer that holds all the words."""
        sent = await self.say(text, reply_to=reply_to)
        return await self.wait_for(*words, after=sent, timeout_s=timeout_s)

    async def tap(self, label: str, *, chat: int | None = None, timeout_s: float = ANSWER_S) -> str:
        """Tap the newest button whose label begins with ``label``; give the toast."""
        found = await self.town.wait_for_message(
            chat or self.id, lambda message: find_button(message, label) is not None, timeout_s=timeout_s
        )
        return await self.tap_data(found["id"], find_button(found, label) or "", chat=chat)

    async def tap_data(self, message_id: int, data: str, *, chat: int | None = None, forged: bool = False) -> str:
        """Tap a button by its data; give the toast.

        Args:
            message_id: the message that it stands under.
            data: the button's.
            chat: where; ``None`` is the private chat.
            forged: whether the button need not stand there, as with a stale or hostile client.
        """
        body = {"data": data, "person": self.id, "timeout_s": 10, "forged": forged}
        answer = await self.town.post(f"/sandbox/chats/{chat or self.id}/messages/{message_id}/taps", body)
        assert answer["answered"], f"the tap on {data} was never answered\n{self.town.tail()}"
        return str(answer["text"])

    async def review_push(self, panel: Message) -> Message:
        """Tap from what stands under a preview to the one question before it leaves; give that."""
        await self.tap_data(panel["id"], find_button(panel, "Audience") or "")
        who = await self.town.wait_for_message(self.id, lambda each: find_button(each, "Review") is not None)
        await self.tap_data(who["id"], find_button(who, "Review") or "")
        return await self.wait_for("Send push", after=panel["id"] - 1)

    async def read(self) -> list[Message]:
        """Read what the bot has written, oldest first."""
        return await self.town.from_bot(self.id)

    async def wait_for(self, *words: str, after: int = 0, timeout_s: float = ANSWER_S) -> Message:
        """Wait for the bot's newest message that holds all the words and is younger than message ``after``."""
        return await self.town.wait_for_message(
            self.id,
            lambda message: message["id"] > after and all(word in message["text"] for word in words),
            timeout_s=timeout_s,
        )

    async def block(self) -> None:
        """Block the bot."""
        await self.town.post(f"/sandbox/people/{self.id}/block", {})

    async def unblock(self) -> None:
        """Unblock the bot."""
        await self.town.post(f"/sandbox/people/{self.id}/unblock", {})


def buttons_of(message: Message) -> Iterator[dict[str, str]]:
    """Go through a message's buttons, row by row."""
    for row in message["keyboard"]:
        yield from row


def labels(message: Message) -> list[str]:
    """List what stands on a message's buttons, row by row."""
    return [button["text"] for button in buttons_of(message)]


def find_button(message: Message, label: str) -> str | None:
    """Find the data of a message's button by the beginning of its label."""
    return next((button["callback_data"] for button in buttons_of(message) if button["text"].startswith(label)), None)


def links_of(message: Message) -> list[str]:
    """List the addresses behind a message's words."""
    return [entity["url"] for entity in message["entities"] if entity["type"] == "text_link"]


class Town:
    """The two processes and the way to talk to them; an async context manager.

    Args:
        folder: where the bot's data and log lie.
        settings: environment variables of the bot beside those that it needs.
        allow: private addresses, ``host:port``, that the bot may read beside the sample site.
        every_s: seconds between two articles of the sample site; 0 publishes only on request.
        offers: lines of the bot's catalogue: topic, language, address and title between tabs.
        roles: what the bot does of the whole; ``web`` must be among them. Empty for everything.

    Attributes:
        log: the file of the bot's standard error, over all its starts.
        printed: the bot's standard output, as far as it has been read; all of it once the bot has stopped.
        url: the sandbox's root.
        health_url: the root of the bot's own pages.
    """

    def __init__(
        self,
        folder: Path,
        *,
        settings: Mapping[str, str] | None = None,
        allow: Sequence[str] = (),
        every_s: float = 0,
        offers: Sequence[str] = (),
        roles: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self._offers = folder / "offers.tsv"
        self._offers.write_text("\n".join(offers), encoding="utf-8")
        self.log = folder / "bot.log"
        self.printed = ""
        self.url = ""
        self.health_url = ""
        self._settings = dict(settings or {})
        self._allow = allow
        self._every_s = every_s
        self._roles = roles
        self._editor_ids = iter(_EDITOR_IDS)
        self._sandbox: asyncio.subprocess.Process | None = None
        self._bot: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None

    @property
    def site(self) -> str:
        """The sample site's address."""
        return f"{self.url}/site/"

    @property
    def data(self) -> Path:
        """The bot's data folder."""
        return self.folder / "data"

    async def __aenter__(self) -> Self:
        self._sandbox = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot.sandbox", "--port", "0", "--token", TOKEN, "--every", str(self._every_s)),
            stdout=asyncio.subprocess.PIPE,
            env=plain_environment(),
        )
        assert self._sandbox.stdout is not None
        ready = json.loads(await asyncio.wait_for(self._sandbox.stdout.readline(), START_S))
        self.url = ready["url"]
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        try:
            await self.start_bot()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _close(self) -> None:
        await self.stop_bot(signal.SIGKILL)
        if self._session is not None:
            await self._session.close()
        if self._sandbox is not None:
            self._sandbox.terminate()
            await asyncio.wait_for(self._sandbox.communicate(), _STOP_S)

    # ---- the bot's process

    async def start_bot(self, *, back_at: str = "") -> None:
        """Start the bot and wait until it serves; with a time, closed until then."""
        await self.launch_bot(back_at=back_at)
        assert self._bot is not None
        assert self._bot.stdout is not None
        while not self.printed.endswith("/readyz\n"):
            line = await asyncio.wait_for(self._bot.stdout.readline(), START_S)
            assert line, f"the bot has ended\n{self.tail()}"
            self.printed += line.decode()
        self.health_url = self.printed.split()[-1].removesuffix("/readyz")

    async def launch_bot(self, *, api_url: str = "", back_at: str = "") -> None:
        """Start the bot, ready or not.

        Args:
            api_url: another Bot API server than the sandbox.
            back_at: closed until then, as ``14:30``.
        """
        self.printed += "\n"
        self._bot = await self._launch(self._roles, self.log, api_url=api_url, back_at=back_at)

    @asynccontextmanager
    async def colleague(self, *roles: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run another process of the bot on the same database, killed at the end; its log is ``ROLES.log``."""
        log = self.folder / f"{'-'.join(roles)}.log"
        process = await self._launch(roles, log, data=self.folder / "-".join(roles))
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    async def _launch(
        self, roles: Sequence[str], log_path: Path, *, api_url: str = "", data: Path | None = None, back_at: str = ""
    ) -> asyncio.subprocess.Process:
        env = plain_environment() | {
            "NEWSGIST_BOT_TOKEN": TOKEN,
            "NEWSGIST_BOT_API_URL": api_url or self.url,
            "NEWSGIST_ADMINS": ",".join(map(str, (EDITOR_ID, *_EDITOR_IDS))),
            "NEWSGIST_DATA": str(data or self.data),
            "NEWSGIST_LISTEN": "127.0.0.1:0",
            "NEWSGIST_ALLOW_PRIVATE": ",".join((self.url.removeprefix("http://"), *self._allow)),
            "NEWSGIST_POLL_MIN_S": "1",
            "NEWSGIST_CATALOGUE": str(self._offers),
            "NEWSGIST_LOG_LEVEL": "DEBUG",
        }
        with log_path.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot", "run", *(word for role in roles for word in ("--role", role))),
                *(("--back-at", back_at) if back_at else ()),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=env | self._settings,
                cwd=self.folder,
            )

    async def stop_bot(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Stop the bot; give the seconds that it took."""
        if self._bot is None:
            return 0.0
        bot, self._bot = self._bot, None
        started = time.monotonic()
        if bot.returncode is None:
            bot.send_signal(how)
        printed, _ = await asyncio.wait_for(bot.communicate(), _STOP_S)
        self.printed += printed.decode()
        return time.monotonic() - started

    async def restart_bot(self, how: signal.Signals = signal.SIGKILL) -> float:
        """Stop the bot and start it again; give the seconds that the stop took."""
        took_s = await self.stop_bot(how)
        await self.start_bot()
        return took_s

    def tail(self) -> str:
        """Give the end of the bot's log."""
        return self.log.read_text(encoding="utf-8")[-4000:]

    # ---- who lives there

    async def add_person(
        self, name: str = "Nadia", *, lang: str = "en", username: str = "", started: bool = False
    ) -> Person:
        """Let somebody new come to town; ``started``: who has pressed Start in the bot's chat before."""
        body = {"name": name, "language_code": lang, "username": username, "started": started}
        return Person(int((await self.post("/sandbox/people", body))["id"]), self)

    async def greet(self, name: str = "Nadia", *, lang: str = "en") -> Person:
        """Let somebody come to town and press Start, so that pushes and private words reach them."""
        person = await self.add_person(name, lang=lang)
        await person.say("/start")
        await self.wait_for_message(person.id, lambda message: bool(message["text"]))
        return person

    async def add_editor(self, name: str = "Edda") -> Person:
        """Let somebody come to town whose id stands in the settings."""
        body = {"name": name, "id": next(self._editor_ids)}
        return Person(int((await self.post("/sandbox/people", body))["id"]), self)

    async def add_group(self, title: str, members: Mapping[Person, str], **how: Any) -> int:
        """Found a group with the bot in it; give its chat id.

        Args:
            title: its name.
            members: what each is in it: creator, administrator, member.
            how: the rest as the sandbox takes it: ``type``, ``is_forum``, ``username``, ``anonymous`` (ids of hidden
                admins), ``bot_status``, ``bot_denied`` (rights that it lacks), and ``added_by`` (an id), with which the
                bot comes in afterwards and is told so.
        """
        body = {"title": title, "members": {str(person.id): status for person, status in members.items()}, **how}
        return int((await self.post("/sandbox/groups", body))["id"])

    async def set_bot_status(self, chat: int, status: str, *, by: Person, denied: Sequence[str] = ()) -> None:
        """Let somebody promote, restrict, remove or bring back the bot in a group or channel."""
        await self.post(f"/sandbox/chats/{chat}/bot", {"status": status, "person": by.id, "denied": list(denied)})

    async def add_topic(self, chat: int, name: str, *, by: Person) -> int:
        """Open a topic in a forum; give its thread id."""
        topic = await self.post(f"/sandbox/chats/{chat}/topics", {"name": name, "person": by.id})
        return int(topic["message_thread_id"])

    async def close_topic(self, chat: int, topic: int, *, by: Person, closed: bool = True) -> None:
        """Close a forum's topic, or reopen it."""
        body = {"person": by.id, "closed": closed}
        await self._request("PATCH", f"/sandbox/chats/{chat}/topics/{topic}", json=body)

    async def add_anonymous_admin(self) -> Person:
        """Let Telegram's stand-in for hidden administrators come to town."""
        body = {"name": "Group", "username": "GroupAnonymousBot", "id": ANONYMOUS_ADMIN_ID}
        return Person(int((await self.post("/sandbox/people", body))["id"]), self)

    # ---- what happens there

    async def publish(self, outlet: str = "") -> dict[str, Any]:
        """Let the sample site publish until an article of ``outlet`` (any, where empty) is out; give that one."""
        for _ in range(40):
            article: dict[str, Any] = await self.post("/sandbox/publish", {})
            if outlet in {"", article["outlet"]}:
                return article
        raise NotSeenError(f"the sample site publishes nothing of {outlet}")

    async def arm(self, kind: str, **how: Any) -> None:
        """Make Telegram fail on purpose."""
        await self.post("/sandbox/faults", {"kind": kind, **how})

    async def ledger(self, *, method: str | None = None, chat: int | None = None) -> list[dict[str, Any]]:
        """Read what Telegram was asked for, and how it answered."""
        query = {key: str(value) for key, value in {"method": method, "chat": chat}.items() if value is not None}
        answer: list[dict[str, Any]] = await self.get("/sandbox/ledger", query)
        return answer

    async def from_bot(self, chat: int) -> list[Message]:
        """Read the bot's messages in a chat, oldest first."""
        history = await self.get(f"/sandbox/chats/{chat}/messages", {})
        return [message for message in history["messages"] if message["from_bot"]]

    async def wait_for_message(
        self, chat: int, is_it: Callable[[Message], bool], *, timeout_s: float = ANSWER_S
    ) -> Message:
        """Wait for the newest message of the bot that is what the journey waits for."""
        ends_at = time.monotonic() + timeout_s
        seen: list[Message] = []
        while time.monotonic() < ends_at:
            seen = await self.from_bot(chat)
            for message in reversed(seen):
                if is_it(message):
                    return message
            await asyncio.sleep(_LOOK_EVERY_S)
        texts = "\n---\n".join(message["text"] for message in seen)
        raise NotSeenError(f"not seen in {timeout_s} s; the chat shows:\n{texts}\n\nlog:\n{self.tail()}")

    async def hear(self, chat: int, *words: str) -> Message:
        """Wait for the bot's newest message in a chat, such as a group, that holds all the words."""
        return await self.wait_for_message(chat, lambda message: all(word in message["text"] for word in words))

    async def became(self, chat: int, shown: Message, *words: str, without: str = "\0") -> Message:
        """Wait until a message that stands holds the words, and not those of ``without``."""

        def is_it(message: Message) -> bool:
            text = message["text"]
            return message["id"] == shown["id"] and all(word in text for word in words) and without not in text

        return await self.wait_for_message(chat, is_it)

    async def wait_until(self, holds: Callable[[], Awaitable[bool]], *, timeout_s: float = ANSWER_S) -> None:
        """Wait until something holds."""
        ends_at = time.monotonic() + timeout_s
        while not await holds():
            if time.monotonic() > ends_at:
                raise NotSeenError(f"did not come to hold in {timeout_s} s\n\nlog:\n{self.tail()}")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def get(self, path: str, query: Mapping[str, str]) -> Any:
        """Ask the sandbox."""
        return await self._request("GET", path, params=query)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Tell the sandbox."""
        return await self._request("POST", path, json=body)

    async def upload(self, path: str, form: aiohttp.FormData) -> Any:
        """Send a form to the sandbox."""
        return await self._request("POST", path, data=form)

    async def download(self, address: str) -> bytes:
        """Fetch a file that the bot has sent."""
        assert self._session is not None
        async with self._session.get(self.url + address) as answer:
            answer.raise_for_status()
            return await answer.read()

    async def patch(self, path: str, query: Mapping[str, str]) -> Any:
        """Change something in the sandbox."""
        return await self._request("PATCH", path, params=query)

    async def _request(self, method: str, path: str, **how: Any) -> Any:
        assert self._session is not None
        async with self._session.request(method, self.url + path, **how) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()


def plain_environment() -> dict[str, str]:
    """Give the environment without this machine's own Newsgist settings."""
    return {key: value for key, value in os.environ.items() if not key.startswith("NEWSGIST_")}
