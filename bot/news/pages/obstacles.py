"""What stands between a page and its article: a paywall, a wall of consent, a video, or that it has none."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bot.news.pages.blocks import find_blocks
from bot.news.parsing.markup import one_line

if TYPE_CHECKING:
    import lxml.html

    from bot.news.pages.metadata import PageMetadata

_OPENING_CHARS: Final = 1500
"""A text that is longer is no mere opening, whatever the page says of paying."""
_NOTHING_CHARS: Final = 250
_MUCH_LESS: Final = 0.6
_HEADLINE_CHARS: Final = 20
_FEWEST_HEADLINES: Final = 5
"""A front page leads to at least as many articles."""
_MOST_SEGMENTS: Final = 2
_MOST_HYPHENS: Final = 1
_ASKS_TO_PAY: Final = re.compile(
    r"subscribers? only|for subscribers|subscribe to (?:continue|read|keep)|to (?:continue|keep) reading|"
    r"already (?:a |an )?(?:subscriber|member)|start your (?:free )?trial|unlock this|"
    r"exclusive to (?:subscribers|members)|"
    r"jetzt weiterlesen|weiterlesen mit|nur für abonnent|artikel freischalten|mit (?:plus|abo) lesen|"
    r"réservé aux abonnés|lire la suite|déjà abonné|solo para suscriptores|suscríbete para|per gli abbonati|"
    r"só para assinantes|exclusivo para assinantes|alleen voor abonnees|kun for abonnenter|endast för prenumeranter|"
    r"для підписників|передплатник|для подписчиков|會員限定|会員限定|有料会員|회원 전용",
    re.IGNORECASE,
)
_CONSENT: Final = re.compile(
    r"before you continue|we value your privacy|(?:accept|manage) (?:all )?cookies|your (?:privacy|consent|choices)\b|"
    r"\bgdpr\b|cookie|datenschutz|einwilligung|zustimm|consentement|consentimiento|consenso|согласи|згод",
    re.IGNORECASE,
)
_CONSENT_HOST: Final = re.compile(r"(?:^|\.)(?:consent|privacy|cmp|myprivacy)\.", re.IGNORECASE)
_MISSING: Final = re.compile(
    r"^\W*(?:error\s*)?(?:404|410)\b|\b(?:404|410)\b\W*$|"
    r"(?:page|article|story|post|content) (?:was |is |could )?(?:not |can.?t )(?:be )?(?:found|available)|"
    r"no longer (?:available|exists)|does ?n.t exist|nothing (?:was )?found|"
    r"nicht gefunden|existiert nicht|introuvable|n.existe pas|no (?:se )?(?:ha )?encontrad|non trovata|não encontrada|"
    r"niet gevonden|ikke funnet|hittades inte|nie znaleziono|не знайдено|не найдена|找不到|見つかりません|찾을 수 없",
    re.IGNORECASE,
)


class Obstacle(StrEnum):
    """Why a page gives no article, or only its opening."""

    PAYWALL = "paywall"
    CONSENT = "consent"
    VIDEO = "video"
    MISSING = "missing"
    FRONT = "front"


def find_obstacle(root: lxml.html.HtmlElement, metadata: PageMetadata, text: str, *, url: str) -> Obstacle | None:
    """Tell what keeps a page's article from us; ``None`` where nothing seems to.

    Args:
        root: the parsed page.
        metadata: what it says of itself.
        text: what was found of the article.
        url: where the page came from.
    """
    if len(text) < _NOTHING_CHARS:
        headings = (metadata.title, *(one_line(each.text_content()) for each in root.iter("h1", "title")))
        if any(_MISSING.search(heading) for heading in headings if len(heading) < 120):
            return Obstacle.MISSING
        if metadata.is_video:
            return Obstacle.VIDEO
        visible = one_line(root.text_content())[:5000]
        if (
            _CONSENT_HOST.search(urlsplit(url).hostname or "")
            or len(_CONSENT.findall(f"{metadata.title} {visible}")) > 2
        ):
            return Obstacle.CONSENT
    if len(text) < _OPENING_CHARS and (metadata.must_pay or _asks_to_pay(root)) and not _is_whole(text, metadata):
        return Obstacle.PAYWALL
    return Obstacle.FRONT if _is_front(root, metadata, url=url) else None


def _is_front(root: lxml.html.HtmlElement, metadata: PageMetadata, *, url: str) -> bool:
    """Tell a site's front page, or a section's: its address, no headline of its own, and many that lead elsewhere."""
    parts = urlsplit(url)
    segments = parts.path.strip("/").split("/")
    if parts.query or len(segments) > _MOST_SEGMENTS or any(map(_is_slug, segments)):
        return False
    is_site = segments == [""]
    if not is_site and (metadata.is_article or _has_own_headline(root)):
        return False
    linked = plain = 0
    for block in find_blocks(root):
        chars = len(block.text) - block.text.count(" ")
        if chars >= _HEADLINE_CHARS and block.link_chars >= 0.8 * chars:
            linked += 1
        elif chars >= 3 * _HEADLINE_CHARS:
            plain += 1
    return linked >= _FEWEST_HEADLINES and (is_site or linked >= plain / 2)


def _is_slug(segment: str) -> bool:
    """Tell the part of an address that names an article from one that names a section."""
    name = segment.partition(".")[0]
    return any(char.isdigit() for char in name) or name.count("-") + name.count("_") > _MOST_HYPHENS


def _has_own_headline(root: lxml.html.HtmlElement) -> bool:
    return any(
        len(one_line(heading.text_content())) >= _HEADLINE_CHARS
        for heading in root.iter("h1")
        if heading.find(".//a") is None and next(heading.iterancestors("a"), None) is None
    )


def _asks_to_pay(root: lxml.html.HtmlElement) -> bool:
    """Tell a page with an element of that name, and words that ask its readers to pay."""
    walls = root.xpath("//*[contains(@class, 'paywall') or contains(@id, 'paywall') or contains(@class, 'Paywall')]")
    return any(_ASKS_TO_PAY.search(one_line(wall.text_content())[:3000]) for wall in walls[:20])


def _is_whole(text: str, metadata: PageMetadata) -> bool:
    """Tell a text that is as long as the page says that its article is."""
    return bool(metadata.words) and len(text.split()) >= _MUCH_LESS * metadata.words
