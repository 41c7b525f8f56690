"""Feeds made to harm: entity bombs, crowds of attributes and namespaces, markup without end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://tidewatch.example/feed"
ITEM = "<item><title>first</title><link>https://tidewatch.example/1</link></item>"
LAUGHS = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


def rss(items: str, *, attributes: str = "", before: str = "") -> bytes:
    return f"{before}<rss {attributes}><channel><title>T</title>{ITEM}{items}</channel></rss>".encode()


def json_feed(items: str) -> bytes:
    return f'{{"version":"https://jsonfeed.org/version/1","items":[{items}]}}'.encode()


HOSTILE_FEEDS: dict[str, tuple[str | int, Callable[[], bytes]]] = {
    "laughs": ("entity_bomb", lambda: rss("<item>&a9;</item>", before=f"<!DOCTYPE rss [{LAUGHS}]>")),
    "quadratic blow-up": (
        "entity_bomb",
        lambda: rss(f"<item>{'&a;' * 100_000}</item>", before=f'<!DOCTYPE rss [<!ENTITY a "{"x" * 900}">]>'),
    ),
    "100,000 attributes": (2, lambda: rss("<item " + " ".join(f"a{n}=''" for n in range(100_000)) + "/>")),
    "50,000 namespaces": (2, lambda: rss("<item " + " ".join(f"xmlns:n{n}='u{n}'" for n in range(50_000)) + "/>")),
    "50,000 namespaces of elements": (
        2,
        lambda: rss("<item>" + "".join(f"<n{n}:a xmlns:n{n}='u{n}'/>" for n in range(50_000)) + "</item>"),
    ),
    "100,000 items": (500, lambda: rss(ITEM * 100_000)),
    "200,000 comments begun": (2, lambda: rss(f"<item>{'<!--' * 200_000}</item>")),
    "200,000 comments": (2, lambda: rss(f"<item>{'<!-- -->' * 200_000}</item>")),
    "200,000 CDATA sections begun": (2, lambda: rss(f"<item>{'<![CDATA[' * 200_000}</item>")),
    "a date of 500,000 digits": (2, lambda: rss(f"<item><pubDate>{'9' * 500_000}</pubDate></item>")),
    "a date of 500,000 digits in JSON": ("broken", lambda: json_feed(f'{{"id":1,"date_published":{"9" * 500_000}}}')),
    "an author of 64,000 characters": (2, lambda: rss(f"<item><author>{'a@' * 32_000}{'(' * 32_000}</author></item>")),
    "100,000 elements deep": (255, lambda: rss("<item>" * 100_000)[:2_000_000]),
    "deep markup": (2, lambda: rss(f"<item><description>{'<b>' * 100_000}</description></item>")),
    "deep JSON": ("broken", lambda: json_feed("[" * 500_000)),
    "20 MB of text": ("too_large", lambda: rss(f"<item><description>{'word ' * 4_000_000}</description></item>")),
    "20 MB of text in UTF-16": (
        2,
        lambda: rss(f"<item><description>{'word ' * 2_000_000}</description></item>").decode().encode("utf-16"),
    ),
    "20 MB of ill-formed text": ("too_large", lambda: rss(f"<item><description>{'a & <p> ' * 2_500_000}</item>")),
    "8 MB of ill-formed text": (2, lambda: rss(f"<item><description>{'a & <p> ' * 900_000}</item>")),
    "20 MB of JSON": ("too_large", lambda: json_feed(",".join(['{"id":"1"}'] * 2_000_000))),
    "33 MB": ("too_large", lambda: rss("x" * 33 * 1024 * 1024)),
    "400,000 fields of one item": (2, lambda: rss(f"<item>{'<author>x</author><a>y</a>' * 200_000}</item>")),
    "300,000 ampersands": (2, lambda: rss(f"<item>{'&' * 300_000}</item>")),
    "300,000 angles": (2, lambda: rss(f"<item>{'<' * 300_000}</item>")),
    "a title of entities": (2, lambda: rss(f"<item><title>{'&amp;lt;b&amp;gt; ' * 200_000}</title></item>")),
    "controls and halves of pairs": (2, lambda: rss("<item><title>a\x01b&#xD800;&#0;&#x1F;</title></item>")),
}
"""What becomes of each, a reason or how many entries are read, and how it is made."""
