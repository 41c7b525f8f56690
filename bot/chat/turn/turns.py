"""What a handler is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bot.messages.speech import Brief
from bot.news.feeds.opml import MOST_ENTRIES
from bot.news.finding.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from bot.chat.turn.files import Files
    from bot.chat.turn.names import Names
    from bot.chat.turn.requests import Request
    from bot.chat.turn.rights import ChatRights
    from bot.messages.outgoing import Keyboard, OutgoingDocument, OutgoingMessage
    from bot.messages.speech import Speech
    from bot.news.reader import Reader
    from storage import Storage, Work
    from storage.model import Subscriber

_NOTHING: Final = Brief("")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every handler may know of the installation.

    Attributes:
        owners: Telegram user ids from the settings.
        username: The bot's name, without the @.
        sample_address: A news site's address to suggest to newcomers.
        poll_min_s: Shortest time between two polls of one feed, in seconds.
        max_feeds: How many feeds one chat may follow.
        catalogue: Feeds to suggest and to search.
        zone: The zone of newcomers, an IANA name; empty to guess it by their language.
        version: Newsgist's version.
        rights: Asks Telegram who administers a chat.
        names: Asks Telegram what people call themselves.
        files: Fetches what people send.
        by_invitation: Whether only who was invited may use the bot.
        paid_broadcast: Whether editors may pay for a faster push.
    """

    storage: Storage
    reader: Reader
    owners: frozenset[int]
    username: str
    sample_address: str
    version: str
    poll_min_s: float
    rights: ChatRights
    names: Names
    files: Files
    by_invitation: bool = False
    paid_broadcast: bool = False
    max_feeds: int = 50
    catalogue: Catalogue = field(default_factory=Catalogue)
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request on its way to its handler.

    Attributes:
        argument: What followed the command, or the argument of the tapped button.
        subject_id: The id that the tapped button names; 0 otherwise.
        found: What the handler's research brought, where it has one.
        data: What an earlier question of the bot remembered for its answer.
    """

    request: Request
    subscriber: Subscriber
    speech: Speech
    house: House
    now: datetime
    argument: str = ""
    subject_id: int = 0
    found: Any = None
    data: Any = None

    @property
    def is_owner(self) -> bool:
        """Whether the person stands in the settings."""
        return self.request.user_id in self.house.owners

    @property
    def most_feeds(self) -> int:
        """How many feeds the chat may follow; an owner, whose machine it is, as many as one list can have."""
        return MOST_ENTRIES if self.is_owner else self.house.max_feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Send a message or file; where a progress message stands, it becomes this message."""

    message: OutgoingMessage | OutgoingDocument
    is_farewell: bool = False
    previews: int | None = None
    """The push that this message previews."""
    subscriber_id: int | None = None
    """Another chat that it goes to, such as the one that an admin sets up from their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """Edit the message whose button was tapped."""

    message: OutgoingMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekey:
    """Put other buttons under the message whose button was tapped; its text stays."""

    keyboard: Keyboard


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Delete the message whose button was tapped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toast:
    """Answer a tap with a short word that passes; with none, only end its waiting."""

    text: Brief = _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Answer a tap with words that stay until they are closed."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendStory:
    """Send a story to this chat, as a reader gets it."""

    story_id: int
    again: bool = False
    """Send it even where the chat has seen it."""
    is_found: bool = False
    """It was found by words, perhaps in a feed that the chat does not follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """Show somebody the newsroom's commands in the menu of their private chat, or everybody's again.

    Attributes:
        user_id: Whose chat.
        lang: The language of the commands.
        newsroom: Whether the newsroom's are among them.
    """

    user_id: int
    lang: str
    newsroom: bool


Reply: TypeAlias = Say | Rewrite | Rekey | Remove | Toast | Alert | SendStory | Menu
Handler: TypeAlias = "Callable[[Turn, Work], Awaitable[Sequence[Reply]]]"
Research: TypeAlias = "Callable[[Turn], Awaitable[Any]]"
"""Network work that a handler needs first: outside any transaction, repeatable, bounded in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A handler, and what must hold or happen before it.

    Attributes:
        research: Network work whose result stands in ``turn.found``.
        progress: What to say while the research runs; ``None`` for nothing.
        manages: In groups and channels, only their admins may.
        otherwise: What a group's other members get instead of being told that only its admins may.
        newsroom: Only editors and owners may.
        fetches: Counts against the person's fetches a minute.
        private_only: Works only where the bot and one person are alone.
        for_all: Also for who was not invited, where one must be.
        own_data: It is about what is stored of the person: also for who was not invited or is shut out.
    """

    handler: Handler
    research: Research | None = None
    progress: Callable[[Turn], str] | None = None
    manages: bool = False
    otherwise: Action | None = None
    newsroom: bool = False
    fetches: bool = False
    private_only: bool = False
    for_all: bool = False
    own_data: bool = False
