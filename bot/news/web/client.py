"""The one HTTP client: guarded, bounded in time and size, conditional, and nobody's battering ram."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.news.errors import (
    AddressRefused,
    BadResponse,
    BadStatus,
    FetchTimeout,
    HostUnreachable,
    PageDisallowed,
    TooLarge,
    TooManyRedirects,
)
from bot.news.web.bodies import read_body
from bot.news.web.caching import freshness_s, parse_retry_after
from bot.news.web.coding import ACCEPTED, CodingError, OutputTooLarge, single_coding
from bot.news.web.guard import Refused
from bot.news.web.slots import HostSlots, Lane

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from types import TracebackType

    from aiohttp.abc import AbstractResolver

    from bot.news.web.guard import Dial, Guard

ACCEPT_FEED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
)
ACCEPT_PAGE = "text/html, application/xhtml+xml, application/xml;q=0.8, */*;q=0.5"

MIB = 1024 * 1024
_REDIRECTS = 5
_PERMANENT = frozenset({301, 308})
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A whole answer.

    Attributes:
        url: where the body came from, after redirects.
        permanent_url: the same, if every redirect on the way was permanent; ``None`` otherwise or without redirects.
        status: 2xx.
        body: unpacked.
        content_type: lower case, without parameters; ``None`` where the server did not say.
        charset: from the ``Content-Type``; ``None`` where it names none.
        etag: validator, byte for byte; ``None`` where there is none that can be sent back.
        last_modified: likewise.
        fresh_s: seconds for which the server vouches for it.
        retry_after_s: seconds the server asked us to wait.
        links: the ``Link`` headers as sent.
    """

    url: str
    permanent_url: str | None = None
    status: int
    body: bytes
    content_type: str | None = None
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    fresh_s: float = 0.0
    retry_after_s: float | None = None
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """What we have is still what the server has; attributes as in `Fetched`."""

    url: str
    permanent_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    fresh_s: float = 0.0
    retry_after_s: float | None = None


def user_agent(contact: str | None = None) -> str:
    """Name ourselves to servers.

    Args:
        contact: address where the operator can be reached; ``None`` leaves it out.
    """
    name = f"Newsgist/{version('newsgist')}"
    contact = "".join(char for char in contact or "" if " " < char < "\x7f" and char not in "()\\")
    return f"{name} (+{contact})" if contact else name


class Web:
    """Fetches addresses of the public web.

    Args:
        guard: says which addresses.
        contact: the operator's address for the User-Agent; ``None`` leaves it out.
        most_at_once: requests in flight over all hosts.
        most_per_host: requests in flight to one host.
        replay_root: when set, every checked address is asked of this server, as ``{root}?url=…``; nothing else is
            dialled.
        resolver: how names become addresses; ``None`` for the system's way.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        contact: str | None = None,
        most_at_once: int = 384,
        most_per_host: int = 2,
        replay_root: str | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._guard = guard
        self._agent = user_agent(contact)
        self._replay_root = replay_root
        self._resolver = resolver
        self._slots = HostSlots(most_at_once=most_at_once, most_per_host=most_per_host)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            limit=0,  # our own slots count requests, so that waiting for one does not eat a request's time
            socket_factory=self._guard.socket_factory,
            resolver=self._resolver,
            ttl_dns_cache=60,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
            max_line_size=16 * 1024,
            max_field_size=64 * 1024,
            headers={"User-Agent": self._agent, "Accept-Encoding": ACCEPTED},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def guard(self) -> Guard:
        """What says which addresses may be fetched."""
        return self._guard

    async def fetch(
        self,
        url: str,
        *,
        accept: str,
        etag: str | None = None,
        last_modified: str | None = None,
        max_bytes: int = 5 * MIB,
        timeout_s: float = 15.0,
        lane: Lane | None = None,
        allow: Callable[[str], Awaitable[bool]] | None = None,
    ) -> Fetched | NotModified:
        """Get one address, following redirects that the guard lets through.

        Args:
            url: as a person or a feed gave it.
            accept: the ``Accept`` header.
            etag: validator of what we have; ``None`` asks unconditionally.
            last_modified: likewise.
            max_bytes: the most that the body may have, packed and unpacked.
            timeout_s: for the whole, redirects included; waiting for a free slot does not count.
            lane: where a large body waits for its place in memory; left to the caller to leave.
            allow: says of each address, before it is asked, whether its site lets robots read it; its time does not
                count.

        Raises:
            AddressRefused: the guard refuses the address, or one that it leads to.
            PageDisallowed: ``allow`` says no to the address, or to one that it leads to.
            HostUnreachable: no connection came about.
            FetchTimeout: time was up.
            TooLarge: the body exceeds ``max_bytes``.
            BadStatus: neither 2xx nor a redirect nor the 304 asked for.
            TooManyRedirects: more than five.
            BadResponse: the answer breaks HTTP.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {"Accept": accept, **{name: value for name, value in conditions.items() if value}}
        loop = asyncio.get_running_loop()
        left_s, target, permanent = timeout_s, url, True
        for hop in range(_REDIRECTS + 1):
            checked = self._check(target)
            if allow is not None and not await allow(str(checked)):
                raise PageDisallowed(url=target)
            async with self._slots.held(checked.host or ""):
                started = loop.time()
                try:
                    async with asyncio.timeout(left_s):
                        answer = await self._ask(checked, headers=headers, max_bytes=max_bytes, lane=lane)
                except TimeoutError:
                    raise FetchTimeout(timeout_s, url=target) from None
                left_s -= loop.time() - started
            if not isinstance(answer, _Redirect):
                return _finish(answer, url=str(checked), permanent=permanent and hop > 0)
            permanent = permanent and answer.status in _PERMANENT
            target = answer.target
        raise TooManyRedirects(_REDIRECTS, url=url)

    async def post_form(self, url: str, fields: Mapping[str, str], *, timeout_s: float = 15.0) -> int:
        """Post a form to one address and tell the status of the answer; redirects are not followed.

        Args:
            url: as a feed gave it.
            fields: of the form.
            timeout_s: for the whole.

        Raises:
            AddressRefused: the guard refuses the address.
            HostUnreachable: no connection came about.
            FetchTimeout: time was up.
            BadResponse: the answer breaks HTTP.
        """
        if self._session is None:
            raise RuntimeError("Web is used outside its context")
        checked = self._check(url)
        if self._replay_root is not None:  # a replay sends nothing into the world
            raise HostUnreachable("replay", url=url)
        async with self._slots.held(checked.host or ""):
            try:
                async with asyncio.timeout(timeout_s):
                    with self._guard.dialling(checked, trusted=False) as dial, _translated(str(checked), dial):
                        async with self._session.post(checked, data=dict(fields), allow_redirects=False) as response:
                            return response.status
            except TimeoutError:
                raise FetchTimeout(timeout_s, url=url) from None

    def _check(self, url: str) -> URL:
        try:
            return self._guard.check_url(url)
        except Refused as error:
            raise AddressRefused(error.reason, url=url) from None

    async def _ask(
        self, url: URL, *, headers: dict[str, str], max_bytes: int, lane: Lane | None
    ) -> _Answer | _Redirect:
        if self._session is None:
            raise RuntimeError("Web is used outside its context")
        place = str(url)
        asked = url
        if self._replay_root is not None:
            asked = URL(f"{self._replay_root}?url={quote(place, safe='')}", encoded=True)
        with (
            self._guard.dialling(url, trusted=self._replay_root is not None) as dial,
            _translated(place, dial, max_bytes=max_bytes),
        ):
            async with self._session.get(asked, headers=headers, allow_redirects=False) as response:
                return await _read(response, url=url, conditional=len(headers) > 1, max_bytes=max_bytes, lane=lane)


@contextmanager
def _translated(place: str, dial: Dial, *, max_bytes: int = 0) -> Iterator[None]:
    """Turn what the HTTP library raises into our errors.

    Args:
        place: the address asked.
        dial: what the guard has seen of the connection.
        max_bytes: the limit that the body was held to.
    """
    try:
        yield
    except aiohttp.ClientConnectorError as error:
        if dial.refused:
            raise AddressRefused(dial.refused, url=place) from None
        raise HostUnreachable(_say(error), url=place) from error
    except (aiohttp.InvalidURL, aiohttp.ClientPayloadError, aiohttp.ClientResponseError) as error:
        raise BadResponse(_say(error), url=place) from error
    except aiohttp.ClientConnectionError as error:
        raise HostUnreachable(_say(error), url=place) from error
    except (aiohttp.ClientError, CodingError) as error:
        raise BadResponse(_say(error), url=place) from error
    except OutputTooLarge:
        raise TooLarge(max_bytes, url=place) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Redirect:
    status: int
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """One hop's answer; `body` is ``None`` for 304."""

    status: int
    body: bytes | None
    content_type: str | None
    charset: str | None
    etag: str | None
    last_modified: str | None
    fresh_s: float
    retry_after_s: float | None
    links: tuple[str, ...]


def _finish(answer: _Answer, *, url: str, permanent: bool) -> Fetched | NotModified:
    permanent_url = url if permanent else None
    if answer.body is None:
        return NotModified(
            url=url,
            permanent_url=permanent_url,
            etag=answer.etag,
            last_modified=answer.last_modified,
            fresh_s=answer.fresh_s,
            retry_after_s=answer.retry_after_s,
        )
    return Fetched(
        url=url,
        permanent_url=permanent_url,
        status=answer.status,
        body=answer.body,
        content_type=answer.content_type,
        charset=answer.charset,
        etag=answer.etag,
        last_modified=answer.last_modified,
        fresh_s=answer.fresh_s,
        retry_after_s=answer.retry_after_s,
        links=answer.links,
    )


async def _read(
    response: aiohttp.ClientResponse, *, url: URL, conditional: bool, max_bytes: int, lane: Lane | None
) -> _Answer | _Redirect:
    headers, status, place = response.headers, response.status, str(url)
    if status in _MOVED:
        return _Redirect(status=status, target=_join(url, headers.get("Location")))
    now = datetime.now(UTC)
    retry_after_s = parse_retry_after(headers.get("Retry-After"), now=now)
    unchanged = status == 304 and conditional
    if not unchanged and not 200 <= status < 300:
        raise BadStatus(status, retry_after_s=retry_after_s, url=place)
    body = None
    if not unchanged:
        coding = single_coding(",".join(headers.getall("Content-Encoding", ())))
        body = await read_body(response, coding, max_bytes=max_bytes, lane=lane)
    return _Answer(
        status=status,
        body=body,
        content_type=response.content_type.lower() if "Content-Type" in headers else None,
        charset=response.charset,
        etag=_sendable(headers.get("ETag")),
        last_modified=_sendable(headers.get("Last-Modified")),
        fresh_s=freshness_s(headers, now=now),
        retry_after_s=retry_after_s,
        links=tuple(headers.getall("Link", ())),
    )


def _join(url: URL, location: str | None) -> str:
    if not location:
        raise BadResponse("redirect without an address", url=str(url))
    try:
        return str(url.join(URL(location.strip())))
    except (ValueError, TypeError, UnicodeError) as error:
        raise BadResponse("redirect to an address that cannot be read", url=str(url)) from error


def _sendable(validator: str | None) -> str | None:
    """Keep a validator only if it can be sent back as it came: bytes that are not UTF-8 cannot."""
    if not validator:
        return None
    try:
        validator.encode()
    except UnicodeEncodeError:
        return None
    return validator


def _say(error: Exception) -> str:
    """Describe a vendor's error by its kind alone: its text may hold the address, which may be a secret."""
    return type(error).__name__
