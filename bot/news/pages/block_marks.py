"""What the names that elements bear, and the words that texts begin with, say about whether they are the article."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from lxml import etree

_CLUTTER: Final = re.compile(
    r"related|recommend|promo|newsletter|share|social|comment|footer|sidebar|widget|teaser|recirc|outbrain|taboola|"
    r"subscri|paywall|cookie|consent|breadcrumb|\bnav|menu|most-?read|popular|trending|more-|-more|read-?also|"
    r"also-?read|advert|\bads?[-_]|sponsor|banner|modal|popup|login|signup|disclaim|copyright|toolbar|follow|donat|"
    r"\btags?\b|topics|keyword|rating|poll|quiz|shop|product|embed|tweet|twitter|instagram|info-?box|factbox|aside|"
    r"inset|card"
)
_MEDIA: Final = re.compile(
    r"caption|credit|figure|image|photo|gallery|picture|media|video|player|bildunter|legend|byline|author|autor|bio\b|"
    r"contributor|writer|publish|date\b|time|stamp|meta\b|dateline|update"
)
_BODY: Final = re.compile(
    r"(?:article|content|story|entry|post|text|main|body)-?_?(?:body|content|text)|rich-?text|paragraph|prose"
)
# Single words first: looked up, they cost nothing.
_PROMOTION_WORDS: Final = frozenset({
    "newsletter", "newsletters", "subscribe", "subscriber", "subscribers", "subscription", "subscriptions",
    "abonnieren", "abonnement", "abonnez", "abonner", "abonnent", "abonnenten", "download", "whatsapp", "telegram",
    "facebook", "instagram", "tiktok", "copyright", "advertisement", "anzeige", "comments", "register", "podcast",
    "podcasts", "app", "suscríbete", "suscripción", "suscriptores", "unterstütz", "unterstützen", "підписуйтесь",
    "подписывайтесь", "реклама", "dpa", "afp",
})  # fmt: skip
_PROMOTION_PAIRS: Final = frozenset(
    tuple(pair.split())
    for pair in (
        "sign up", "read more", "read also", "read next", "lire aussi", "lees ook", "zum thema", "lesen sie",
        "leia também", "leia mais", "lea también", "leggi anche", "follow us", "click here", "mail us",
        "in touch", "rights reserved", "log in", "sign in", "les også", "läs mer", "läs också", "läs även",
        "læs også", "lue myös", "đọc thêm", "xem thêm", "baca juga", "также читайте", "читайте также",
        "читайте також", "czytaj też", "czytaj także", "přečtěte si",
    )
)  # fmt: skip
_PROMOTION_SCRIPTS: Final = ("関連記事", "延伸閱讀", "相关阅读", "관련기사", "会員限定", "©")
_REFERS: Final = re.compile(
    r"\W{0,4}(?:(?:read|see|watch|listen|more|also|don['’]t miss|related|recommended|lesen|siehe|mehr|lire|voir|à lire|"
    r"leggi|lea|lee|ver|leia|veja|lees|bekijk|читайте|смотрите|дивіться|les|läs|se også|czytaj|zobacz|đọc|xem|baca)\b"
    r"[^:]{0,40}:|(?:click|tap|klicken|cliquez|clique|haga clic|sign up|subscribe|download|follow|join)\b|>>|→|►)",
    re.IGNORECASE,
)
_MAIL: Final = re.compile(r"[\w.+-]{1,60}@[\w-]{1,60}\.\w")
_ASKS_TO_WRITE: Final = re.compile(
    r"\?|\b(?:e-?mail|get in touch|contact|write to|send us|let us know|kontakt|schreib|mail an|écri|contacte|escrib|"
    r"scriv|escreva|пишите|пишіть|napisz|skriv|mejla|liên hệ)",
    re.IGNORECASE,
)
_LONGEST_CALL_CHARS: Final = 200
_LONGEST_PROMOTION_CHARS: Final = 500
_LONGEST_NAMES_CHARS: Final = 400


class Marks(NamedTuple):
    """What an element's names speak of: clutter, media and bylines, an article's body."""

    clutter: bool
    media: bool
    body: bool


_NONE: Final = Marks(clutter=False, media=False, body=False)


def marks_of(element: etree._Element) -> Marks:
    """Read an element's class, id and other names."""
    get = element.get
    names = f"{get('class') or ''} {get('id') or ''} {get('itemprop') or get('data-testid') or ''}"
    return _read(names) if len(names) > 2 else _NONE


@lru_cache(maxsize=8192)
def _read(names: str) -> Marks:
    clutter = media = body = False
    for name in names[:_LONGEST_NAMES_CHARS].lower().split():
        found = _read_one(name)
        clutter, media, body = clutter or found.clutter, media or found.media, body or found.body
    return Marks(clutter, media, body)


@lru_cache(maxsize=16384)
def _read_one(name: str) -> Marks:
    return Marks(*(pattern.search(name) is not None for pattern in (_CLUTTER, _MEDIA, _BODY)))


def promotes(text: str, tokens: list[str]) -> bool:
    """Tell a short text that advertises, or asks for something.

    Args:
        text: on one line.
        tokens: its words, in lower case.
    """
    return len(text) < _LONGEST_PROMOTION_CHARS and (
        not _PROMOTION_WORDS.isdisjoint(tokens)
        or not _PROMOTION_PAIRS.isdisjoint(pairwise(tokens))
        or (not text.isascii() and any(script in text for script in _PROMOTION_SCRIPTS))
    )


def refers(text: str) -> bool:
    """Tell a text that sends its reader elsewhere by its first words."""
    return _REFERS.match(text) is not None


def asks_to_write(text: str) -> bool:
    """Tell a short text that gives an address of mail and asks its reader to write there."""
    return (
        "@" in text
        and len(text) < _LONGEST_CALL_CHARS
        and _MAIL.search(text) is not None
        and _ASKS_TO_WRITE.search(text) is not None
    )
