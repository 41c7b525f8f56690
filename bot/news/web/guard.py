"""The web guard: which addresses may be fetched, decided again at the moment of dialling.

An address is checked twice. `Guard.check_url` judges what can be seen in the text of a URL; `Guard.socket_factory`
judges the numeric address that is really dialled, whatever a resolver answered in between, so that neither a
literal nor a name that changes its mind (DNS rebinding) gets through.

Reachability follows IANA's registries of special-purpose addresses, written out here because `ipaddress.is_global`
differs between Python versions and passes several IPv6 disguises of private IPv4 addresses.
"""

from __future__ import annotations

import re
import socket
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from yarl import URL

from bot.news.errors import NewsError, RefusalReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PORTS = frozenset({80, 443, 8080, 8443})
LONGEST_URL_CHARS = 4096

_REFUSED_V4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; also one cloud's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's host agent behind a public number
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    IPv6Network(net)
    for net in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_FORBIDDEN = re.compile(r"[\x00-\x20\\\x7f]")
_AUTHORITY = re.compile(r"^[^:/?#]*:(?://)?([^/?#]*).*$", re.DOTALL)
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
_LONGEST_NAME_CHARS = 253
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".onion")


class Refused(NewsError):
    """An address breaks a rule.

    Attributes:
        reason: which one.
    """

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason)
        self.reason = reason


class DialRefused(OSError):
    """A numeric address is not dialled; an `OSError`, so that the connector tries the host's other addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowRule:
    """An exception from the guard that the operator made.

    Attributes:
        network: numeric addresses let through; ``None`` for a rule by name.
        host: a name let through, lower case; ``None`` for a rule by network.
        port: the only port let through; ``None`` for any.
    """

    network: IPv4Network | IPv6Network | None = None
    host: str | None = None
    port: int | None = None


@dataclass(slots=True, kw_only=True)
class Dial:
    """One hop's dialling: whether its host was let through by name, and whether an address was refused."""

    by_name: bool
    refused: RefusalReason | None = None


_dial: ContextVar[Dial | None] = ContextVar("_dial", default=None)


def parse_allow(text: str) -> tuple[AllowRule, ...]:
    """Read the setting of exceptions: addresses, networks or names, each with a port or without.

    Args:
        text: such as ``127.0.0.1:8081, 10.0.0.0/8, [::1]:80, feeds.lan:8000``; empty for none.

    Raises:
        ValueError: naming the part that cannot be read.
    """
    return tuple(_parse_rule(part.strip()) for part in text.split(",") if part.strip())


def _parse_rule(part: str) -> AllowRule:
    host, port = part, None
    if part.startswith("["):
        host, closed, rest = part[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise ValueError(f"not an address, network or host:port: {part!r}")
        port = _parse_port(rest[1:], part) if rest else None
    elif part.count(":") == 1:
        host, _, digits = part.partition(":")
        port = _parse_port(digits, part)
    try:
        return AllowRule(network=ip_network(host), port=port)
    except ValueError:
        if not host or "/" in host or ":" in host or host.replace(".", "").isdigit():
            raise ValueError(f"not an address, network or host:port: {part!r}") from None
    return AllowRule(host=host.lower().rstrip("."), port=port)


def _parse_port(digits: str, part: str) -> int:
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits) < 65536):
        raise ValueError(f"not a port in {part!r}")
    return int(digits)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether the number belongs to the public internet, looking through every IPv4-in-IPv6 disguise."""
    if isinstance(address, IPv4Address):
        return not any(address in net for net in _REFUSED_V4)
    number = int(address)
    if address in _MAPPED or address in _NAT64:
        return is_public(IPv4Address(number & 0xFFFFFFFF))
    if address not in _GLOBAL_V6 or any(address in net for net in _REFUSED_V6):
        return False
    if (number >> 32) & 0xFFFFFFFF in _ISATAP:
        return is_public(IPv4Address(number & 0xFFFFFFFF))
    return True


class Guard:
    """Lets addresses of the public web through, and what the operator excepted.

    Args:
        allow: the exceptions.
        ports: those that the web has.
    """

    def __init__(self, allow: Sequence[AllowRule] = (), *, ports: frozenset[int] = PORTS) -> None:
        self._allow = tuple(allow)
        self._ports = ports

    def check_url(self, url: str) -> URL:
        """Return the address, parsed and without its fragment, if its text breaks no rule.

        Args:
            url: as a person, a feed or a redirect gave it.

        Raises:
            Refused: with the first rule that it breaks.
        """
        parsed = _parse(url)
        if parsed.scheme not in {"http", "https"}:
            raise Refused(RefusalReason.SCHEME)
        if "@" in _AUTHORITY.sub(r"\1", url.strip()):  # yarl forgets an empty user
            raise Refused(RefusalReason.USERINFO)
        host, port = _host(parsed).lower().rstrip("."), parsed.port
        if not host or not port:
            raise Refused(RefusalReason.MALFORMED)
        literal = _read_literal(host)
        if literal is None and not _is_name(parsed.raw_host or ""):
            raise Refused(RefusalReason.MALFORMED)
        if self._allows_name(host, port) or (literal is not None and self._allows_address(literal, port)):
            return parsed
        if (literal is not None and not is_public(literal)) or (literal is None and _is_private_name(host)):
            raise Refused(RefusalReason.PRIVATE)
        if port not in self._ports:
            raise Refused(RefusalReason.PORT)
        return parsed

    def check_address(self, address: str, port: int) -> None:
        """Judge a numeric address about to be dialled.

        Args:
            address: IPv4 or IPv6, with a zone or without.
            port: TCP port.

        Raises:
            Refused: the address is not of the public web, or the port is not one of the web's.
        """
        try:
            number = ip_address(address.partition("%")[0])
        except ValueError:
            raise Refused(RefusalReason.MALFORMED) from None
        if self._allows_address(number, port):
            return
        if not is_public(number):
            raise Refused(RefusalReason.PRIVATE)
        if port not in self._ports:
            raise Refused(RefusalReason.PORT)

    @contextmanager
    def dialling(self, url: URL, *, trusted: bool = False) -> Iterator[Dial]:
        """Tell the socket factory, for the current task, which host is about to be dialled.

        Args:
            url: a checked address.
            trusted: the address is our own (replay), not one that somebody gave us.
        """
        by_name = trusted or self._allows_name(_host(url).lower().rstrip("."), url.port or 0)
        dial = Dial(by_name=by_name)
        token = _dial.set(dial)
        try:
            yield dial
        finally:
            _dial.reset(token)

    def socket_factory(self, info: tuple[Any, ...]) -> socket.socket:
        """Make the socket for one numeric address, or refuse; for ``TCPConnector(socket_factory=…)``.

        Args:
            info: family, type, protocol, canonical name and address, as `socket.getaddrinfo` gives them.

        Raises:
            DialRefused: the address is not dialled.
        """
        family, kind, protocol, _, address = info
        dial = _dial.get()
        if dial is None or not dial.by_name:
            try:
                self.check_address(str(address[0]), int(address[1]))
            except Refused as error:
                if dial is not None:
                    dial.refused = error.reason
                raise DialRefused(f"address refused: {error.reason}") from None
        return socket.socket(family, kind, protocol)

    def _allows_name(self, host: str, port: int) -> bool:
        return any(rule.host == host and rule.port in {None, port} for rule in self._allow if rule.host)

    def _allows_address(self, address: IPv4Address | IPv6Address, port: int) -> bool:
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(
            rule.network is not None and address in rule.network and rule.port in {None, port} for rule in self._allow
        )


def _host(url: URL) -> str:
    """Give a URL's host; decoding would cost a plain name a tenth of a millisecond for nothing."""
    raw = url.raw_host or ""
    return (url.host or "") if "xn--" in raw else raw


def _parse(url: str) -> URL:
    url = url.strip()
    if len(url) > LONGEST_URL_CHARS or _FORBIDDEN.search(url) is not None:
        raise Refused(RefusalReason.MALFORMED)
    try:
        parsed = URL(url).with_fragment(None)
        _ = _host(parsed), parsed.port  # both are parsed late
        _ = urlsplit(url).port  # refuses look-alikes of separators, which yarl may turn into the real ones
    except (ValueError, TypeError, UnicodeError):
        raise Refused(RefusalReason.MALFORMED) from None
    return parsed


def _read_literal(host: str) -> IPv4Address | IPv6Address | None:
    """Read a host that is a number in any spelling that a C library understands; ``None`` for a name.

    Raises:
        Refused: the host ends in a number and yet is no address (WHATWG URL, "ends in a number checker").
    """
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    last = host.rpartition(".")[2]
    if not (last.isdigit() or last.startswith("0x")):
        return None
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError, UnicodeError):
        raise Refused(RefusalReason.MALFORMED) from None


def _is_name(host: str) -> bool:
    """Tell whether a name can be asked of a resolver: labels of 1 to 63 letters, digits, hyphens and underscores."""
    name = host.removesuffix(".")
    return len(name) <= _LONGEST_NAME_CHARS and all(_LABEL.fullmatch(label) for label in name.split("."))


def _is_private_name(host: str) -> bool:
    return "." not in host or host.endswith(_PRIVATE_SUFFIXES)
