"""A town to journey through: a sandbox and a bot, each a process of its own, driven over HTTP as people would."""

from __future__ import annotations

from contextlib import AsyncExitStack
from signal import SIGKILL
from typing import TYPE_CHECKING, Any, Self

from tests.support.people import ANONYMOUS_ADMIN_ID, EDITOR_ID, Person
from tests.support.processes import BotProcess, running_sandbox
from tests.support.telegram import Telegram

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from tests.support.forking import ForkServer

TOKEN = "700000042:canary-token-that-no-log-may-show"
BURST = 30
"""So that a journey through many screens need not wait a second at each; that the pace is kept is shown elsewhere."""
_EDITOR_IDS = range(700100010, 700100060)
"""They stand in the settings, for the editors whom tests bring to town."""


class Town(Telegram):
    """The two processes, who lives there and what happens; an async context manager.

    Args:
        forks: what the processes are forked off.
        folder: where the bot's data and log lie.
        settings: environment variables of the bot beside those that it needs.
        allow: private addresses, ``host:port``, that the bot may read beside the sample site.
        offers: lines of the bot's catalogue: topic, language, address and title between tabs.
        roles: what the bot does of the whole; ``web`` must be among them. Empty for everything.
        burst: messages that a rested person gets at once; Telegram tolerates one more.

    Attributes:
        bot: the bot's process.
    """

    def __init__(
        self,
        forks: ForkServer,
        folder: Path,
        *,
        settings: Mapping[str, str] | None = None,
        allow: Sequence[str] = (),
        offers: Sequence[str] = (),
        roles: Sequence[str] = (),
        burst: int = BURST,
    ) -> None:
        self._env = {
            "NEWSGIST_BOT_TOKEN": TOKEN,
            "NEWSGIST_ADMINS": ",".join(map(str, (EDITOR_ID, *_EDITOR_IDS))),
            "NEWSGIST_DATA": str(folder / "data"),
            "NEWSGIST_LISTEN": "127.0.0.1:0",
            "NEWSGIST_POLL_MIN_S": "0.5",
            "NEWSGIST_CATALOGUE": str(folder / "offers.tsv"),
            "NEWSGIST_LOG_LEVEL": "DEBUG",
            "NEWSGIST_CHAT_BURST": str(burst),
            **(settings or {}),
        }
        (folder / "offers.tsv").write_text("\n".join(offers), encoding="utf-8")
        self.bot = BotProcess(forks, folder, env=self._env, roles=roles)
        super().__init__("", tail=self.bot.tail)
        self._forks = forks
        self._folder = folder
        self._allow = allow
        self._burst = burst
        self._editor_ids = iter(_EDITOR_IDS)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            how = ("--token", TOKEN, "--every", "0", "--burst", str(self._burst + 1))
            sandbox = running_sandbox(self._forks, self._folder, *how)
            self.url = await stack.enter_async_context(sandbox)
            self._env |= {
                "NEWSGIST_BOT_API_URL": self.url,
                "NEWSGIST_ALLOW_PRIVATE": ",".join((self.url.removeprefix("http://"), *self._allow)),
            }
            await super().__aenter__()
            stack.push_async_exit(super().__aexit__)
            stack.push_async_callback(self.bot.stop, SIGKILL)
            await self.bot.start()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def all_is_told(self, *chats: int) -> None:
        """Wait until the bot has answered and sent in these chats whatever it has to by now."""
        for chat in chats:

            async def nothing_is_owed(chat: int = chat) -> bool:
                return not await self.bot.owes(chat)

            await self.wait_until(nothing_is_owed)

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
        await self.patch(f"/sandbox/chats/{chat}/topics/{topic}", body)

    async def add_anonymous_admin(self) -> Person:
        """Let Telegram's stand-in for hidden administrators come to town."""
        body = {"name": "Group", "username": "GroupAnonymousBot", "id": ANONYMOUS_ADMIN_ID}
        return Person(int((await self.post("/sandbox/people", body))["id"]), self)
