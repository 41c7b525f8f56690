"""What can go wrong between an address and an article, each fact as an attribute."""

from __future__ import annotations

from enum import StrEnum

from bot.errors import BotError


class NewsError(BotError):
    """The root of this room's errors."""


class RefusalReason(StrEnum):
    """Why an address is not fetched."""

    MALFORMED = "malformed"
    SCHEME = "scheme"
    USERINFO = "userinfo"
    PORT = "port"
    PRIVATE = "private"


class FetchError(NewsError):
    """An address gave no usable answer.

    Attributes:
        url: the address asked for; a redirect's target where that is what failed. May hold a secret: not for logs.
    """

    def __init__(self, message: str, *, url: str) -> None:
        super().__init__(message)
        self.url = url


class AddressRefused(FetchError):
    """The guard does not let us go there; nothing was sent.

    Attributes:
        reason: which rule the address breaks.
    """

    def __init__(self, reason: RefusalReason, *, url: str) -> None:
        super().__init__(f"address refused: {reason}", url=url)
        self.reason = reason


class HostUnreachable(FetchError):
    """The host's name is unknown, or it does not answer, or its certificate is not good."""


class FetchTimeout(FetchError):
    """The answer was not complete in time.

    Attributes:
        timeout_s: seconds granted in total, redirects included.
    """

    def __init__(self, timeout_s: float, *, url: str) -> None:
        super().__init__(f"no complete answer within {timeout_s:g} s", url=url)
        self.timeout_s = timeout_s


class TooLarge(FetchError):
    """The body, unpacked, exceeds what we are willing to hold.

    Attributes:
        limit_bytes: the size at which reading stopped.
    """

    def __init__(self, limit_bytes: int, *, url: str) -> None:
        super().__init__(f"body larger than {limit_bytes} bytes", url=url)
        self.limit_bytes = limit_bytes


class BadStatus(FetchError):
    """The server answered with a status that carries no body for us.

    Attributes:
        status: the HTTP status.
        retry_after_s: seconds the server asked us to wait; ``None`` where it did not say.
    """

    def __init__(self, status: int, *, retry_after_s: float | None = None, url: str) -> None:
        super().__init__(f"status {status}", url=url)
        self.status = status
        self.retry_after_s = retry_after_s


class TooManyRedirects(FetchError):
    """The address leads on and on, or in a circle.

    Attributes:
        limit: redirects that we follow.
    """

    def __init__(self, limit: int, *, url: str) -> None:
        super().__init__(f"more than {limit} redirects", url=url)
        self.limit = limit


class BadResponse(FetchError):
    """The answer is not HTTP as we can read it: broken framing, an unknown coding, a redirect to nowhere."""


class PageDisallowed(FetchError):
    """A site's robots.txt keeps us from the page, or from one that it leads to, which was not asked for."""

    def __init__(self, *, url: str) -> None:
        super().__init__("disallowed by robots.txt", url=url)


class FeedFault(StrEnum):
    """Why a document is not read as a feed."""

    EMPTY = "empty"
    NOT_A_FEED = "not_a_feed"
    BROKEN = "broken"
    ENTITY_BOMB = "entity_bomb"
    TOO_LARGE = "too_large"


class FeedError(NewsError):
    """The document is no feed that we can read.

    Attributes:
        reason: the closed set of causes that decisions go by.
    """

    def __init__(self, reason: FeedFault, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason)


class ArticleError(NewsError):
    """The page cannot be read as HTML at all."""


class WorkerError(NewsError):
    """A job in a worker process had no result of its own."""


class WorkerTimeout(WorkerError):
    """The job overran its time and was killed.

    Attributes:
        timeout_s: seconds that it was granted.
    """

    def __init__(self, timeout_s: float) -> None:
        super().__init__(f"killed after {timeout_s:g} s")
        self.timeout_s = timeout_s


class WorkerCrashed(WorkerError):
    """The worker died, or ran out of memory, in the middle of the job."""
