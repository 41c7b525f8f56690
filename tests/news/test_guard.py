"""Which addresses the guard lets through, and that nothing refused is ever dialled."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from bot.news.errors import AddressRefused, HostUnreachable, RefusalReason
from bot.news.web.client import ACCEPT_PAGE, Fetched, Web
from bot.news.web.guard import Guard, Refused, is_public, parse_allow
from tests.support.web import serving_site

if TYPE_CHECKING:
    from tests.support.web import Site

PRIVATE_HOSTS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "0177.1",
    "017700000001",
    "127.0.0.1.",
    "127.000.000.001",
    "１２７.０.０.１",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "0.0.0.0",
    "0",
    "0x0",
    "10.0.0.1",
    "10.255.255.255",
    "0xa.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "168.63.129.16",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.257",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::7f00:1]",
    "[64:ff9b:1::808:808]",
    "[2002:7f00:1::1]",
    "[2002:a9fe:a9fe::]",
    "[2001:0:7f00:1::1]",
    "[2001::f5ff:fffe]",
    "[2001:10::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "[5f00::1]",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fec0::1]",
    "[ff02::1]",
    "[ff0e::1]",
    "[2a00:1450::5efe:7f00:1]",
    "[2a00:1450::200:5efe:10.0.0.1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ⓛocalhost",
    "app.localhost",
    "printer.local",
    "metadata.google.internal",
    "router.lan",
    "nas.home.arpa",
    "intranet",
]

NAMES_FOR_LOOPBACK = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "10.0.0.1", "64:ff9b::7f00:1"]


class Liar(AbstractResolver):
    """Answers each question about any name with the next of its addresses."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in answer
        ]

    async def close(self) -> None:
        return None


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
async def test_a_private_address_is_refused_in_every_disguise(host: str) -> None:
    """FAULTS 1 and 4: numbers and names in every spelling."""
    async with Web(Guard()) as web:
        with pytest.raises(AddressRefused) as caught:
            await web.fetch(f"http://{host}/latest/meta-data/", accept=ACCEPT_PAGE)
    assert caught.value.reason in {RefusalReason.PRIVATE, RefusalReason.MALFORMED}


def numeric_infos() -> list[tuple[Any, ...]]:
    """What the C library makes of those disguises that it takes for numbers."""
    infos = []
    for host in PRIVATE_HOSTS:
        name = host.strip("[]").partition("%")[0]
        if name.isascii() and (name[0].isdigit() or ":" in name) and not name.endswith("."):
            infos += socket.getaddrinfo(name, 80, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return infos


@pytest.mark.parametrize("info", numeric_infos(), ids=lambda info: info[4][0])
def test_the_socket_factory_alone_refuses_a_private_number(info: tuple[Any, ...]) -> None:
    """Whatever the check of the text may have missed."""
    with pytest.raises(OSError, match="address refused"):
        Guard().socket_factory(info)


async def test_no_disguise_reaches_a_server_on_loopback(site: Site) -> None:
    site.serve("/", "secret")
    hosts = [
        host for host in PRIVATE_HOSTS if "127" in host or "7f" in host or "localhost" in host or host in {"0", "[::]"}
    ]
    async with Web(Guard()) as web:
        for host in hosts:
            with pytest.raises(AddressRefused):
                await web.fetch(f"http://{host}:{site.port}/", accept=ACCEPT_PAGE)
    assert site.asked == []


@pytest.mark.parametrize("address", NAMES_FOR_LOOPBACK)
async def test_a_public_name_for_a_private_address_is_refused_at_dialling(address: str) -> None:
    async with Web(Guard(), resolver=Liar([address])) as web:
        with pytest.raises(AddressRefused) as caught:
            await web.fetch("http://news.example/", accept=ACCEPT_PAGE)
    assert caught.value.reason is RefusalReason.PRIVATE


async def test_a_name_that_changes_its_mind_is_refused() -> None:
    """DNS rebinding: what counts is the address that is dialled, not one that was resolved before."""
    guard, resolver = Guard(parse_allow("127.0.0.2/32")), Liar(["127.0.0.2"], ["127.0.0.1"])
    async with Web(guard, resolver=resolver) as web:
        with pytest.raises(HostUnreachable):  # dialled, and nobody there
            await web.fetch("http://rebind.example:8443/", accept=ACCEPT_PAGE)
    async with Web(guard, resolver=resolver) as web:
        with pytest.raises(AddressRefused):
            await web.fetch("http://rebind.example:8443/", accept=ACCEPT_PAGE)


async def test_of_mixed_answers_only_the_public_are_dialled(site: Site) -> None:
    """FAULTS 3: of several addresses of a name each is judged."""
    site.serve("/", "secret")
    async with Web(Guard(), resolver=Liar(["127.0.0.1", "::1", "10.1.1.1"])) as web:
        with pytest.raises(AddressRefused):
            await web.fetch("http://mixed.example:8080/", accept=ACCEPT_PAGE)
    assert site.asked == []


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://2130706433:{port}/", "http://[::ffff:7f00:1]:{port}/"],
    ids=["plain", "protocol-relative", "decimal", "mapped"],
)
async def test_a_redirect_to_a_private_address_is_refused(target: str) -> None:
    """FAULTS 2: a redirect is judged like the address itself."""
    async with serving_site() as canary, serving_site("127.0.0.2") as public:
        canary.serve("/", "secret")
        public.redirect("/", target.format(port=canary.port))
        async with Web(Guard(parse_allow(f"127.0.0.2:{public.port}"))) as web:
            with pytest.raises(AddressRefused):
                await web.fetch(public.url("/"), accept=ACCEPT_PAGE)
        assert canary.asked == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", RefusalReason.SCHEME),
        ("ftp://example.org/", RefusalReason.SCHEME),
        ("gopher://example.org/", RefusalReason.SCHEME),
        ("javascript:alert(1)", RefusalReason.SCHEME),
        ("data:text/html,x", RefusalReason.SCHEME),
        ("example.org/feed", RefusalReason.SCHEME),
        ("http://user:pass@example.org/", RefusalReason.USERINFO),
        ("http://user@example.org/", RefusalReason.USERINFO),
        ("http://@example.org/", RefusalReason.USERINFO),
        ("http://example.org:22/", RefusalReason.PORT),
        ("http://example.org:6379/", RefusalReason.PORT),
        ("https://example.org:25/", RefusalReason.PORT),
        ("http:///path", RefusalReason.MALFORMED),
        ("http://", RefusalReason.MALFORMED),
        ("http://example.org:99999/", RefusalReason.MALFORMED),
        ("http://exa mple.org/", RefusalReason.MALFORMED),
        ("http://example.org\\@127.0.0.1/", RefusalReason.MALFORMED),
        ("http://example.org/\r\nHost: x", RefusalReason.MALFORMED),
        ("http://1.2.3.4.5/", RefusalReason.MALFORMED),
        ("http://a..example/x", RefusalReason.MALFORMED),
        ("http://.example/", RefusalReason.MALFORMED),
        ("http://a.example../", RefusalReason.MALFORMED),
        ("http://" + "a" * 64 + ".example/", RefusalReason.MALFORMED),
        ("http://" + "a." * 127 + "example/", RefusalReason.MALFORMED),
        ("http://℀.example/", RefusalReason.MALFORMED),
        ("http://a%2fb.example/", RefusalReason.MALFORMED),
        ("http://[::1", RefusalReason.MALFORMED),
        ("http://" + "a" * 5000 + ".example/", RefusalReason.MALFORMED),
        ("", RefusalReason.SCHEME),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_reason(url: str, reason: RefusalReason) -> None:
    with pytest.raises(Refused) as caught:
        Guard().check_url(url)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/feed?x=1#part",
        "HTTP://EXAMPLE.ORG/",
        "http://example.org:8080/",
        "https://example.org:8443/",
        "https://пример.example/новини",
        "http://93.184.216.34/",
        "http://[2606:2800:220:1:248:1893:25c8:1946]/",
        "http://[64:ff9b::808:808]/",
        "http://[::ffff:8.8.8.8]/",
    ],
)
def test_the_public_web_is_let_through(url: str) -> None:
    checked = Guard().check_url(url)
    assert checked.host
    assert not checked.fragment


@pytest.mark.parametrize(
    ("address", "public"),
    [("8.8.8.8", True), ("64:ff9b::808:808", True), ("2a00:1450:4001::200e", True), ("2002:808:808::1", False)],
)
def test_reachability_looks_through_transition_addresses(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


@pytest.mark.parametrize(
    ("allow", "url", "allowed"),
    [
        ("127.0.0.1:9000", "http://127.0.0.1:9000/", True),
        ("127.0.0.1:9000", "http://127.0.0.1:9001/", False),
        ("127.0.0.1:9000", "http://[::ffff:127.0.0.1]:9000/", True),
        ("127.0.0.0/8", "http://127.3.2.1:31337/", True),
        ("10.0.0.0/8", "http://127.0.0.1/", False),
        ("[::1]:9000", "http://[::1]:9000/", True),
        ("feeds.lan:9000", "http://feeds.lan:9000/", True),
        ("feeds.lan", "http://FEEDS.lan:22/", True),
        ("feeds.lan:9000", "http://other.lan:9000/", False),
    ],
)
def test_the_operator_may_except_addresses(allow: str, url: str, allowed: bool) -> None:
    guard = Guard(parse_allow(allow))
    if allowed:
        assert guard.check_url(url)
    else:
        with pytest.raises(Refused):
            guard.check_url(url)


@pytest.mark.parametrize("text", ["127.0.0.1:x", "127.0.0.1:0", "1.2.3", "10.0.0.1/8", "[::1", "[::1]x", "a/b", ":80"])
def test_an_exception_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"not an address|not a port"):
        parse_allow(text)


async def test_a_name_excepted_with_its_port_is_dialled(site: Site) -> None:
    site.serve("/", "hello")
    guard = Guard(parse_allow(f"feeds.lan:{site.port}"))
    async with Web(guard, resolver=Liar(["127.0.0.1"])) as web:
        answer = await web.fetch(f"http://feeds.lan:{site.port}/", accept=ACCEPT_PAGE)
    assert isinstance(answer, Fetched)
    assert answer.body == b"hello"


async def test_a_dead_public_address_is_unreachable_not_refused() -> None:
    async with serving_site() as gone:
        port = gone.port
    async with Web(Guard(parse_allow(f"127.0.0.1:{port}"))) as web:
        with pytest.raises(HostUnreachable):
            await web.fetch(f"http://127.0.0.1:{port}/", accept=ACCEPT_PAGE)


@given(st.text(alphabet="aä.-_%℀ß中\u200d9:[]", max_size=80))
def test_a_name_that_is_let_through_can_be_asked_of_a_resolver(host: str) -> None:
    try:
        checked = Guard().check_url(f"http://{host}/")
    except Refused:
        return
    assert checked.raw_host is not None
    if ":" not in checked.raw_host:
        assert checked.raw_host.encode("idna")
