"""A newspaper of our own on loopback: a front page, a feed and articles that a test publishes when it likes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from tests.support.web import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An article as it was published."""

    url: str
    title: str
    text: str
    published_at: float
    teaser: str = ""


@dataclass(slots=True, kw_only=True)
class Paper:
    """A paper below ``/{key}/`` of a site.

    Attributes:
        site: the server.
        key: the first part of its paths; a name that no other test uses.
        name: what its feed is called.
        feed_query: what its feed's address carries behind the question mark, such as a subscriber's key.
        reports: what is out, oldest first.
    """

    site: Site
    key: str
    name: str
    feed_query: str = ""
    reports: list[Report] = field(default_factory=list)
    _is_closed: bool = False

    def __post_init__(self) -> None:
        self.site.route(f"/{self.key}/", self._front)
        self.site.route(f"/{self.key}/feed.xml", self._feed)

    @property
    def front(self) -> str:
        """The front page's address."""
        return self.site.url(f"/{self.key}/")

    @property
    def feed(self) -> str:
        """The feed's address."""
        query = f"?{self.feed_query}" if self.feed_query else ""
        return self.site.url(f"/{self.key}/feed.xml{query}")

    def publish(self, title: str, text: str = "", *, teaser: str = "") -> Report:
        """Publish an article; without a text, one about a harbour of that day; the feed tells its teaser."""
        number = len(self.reports) + 1
        text = text or harbour_report(f"{self.name} {number}", number)
        url = self.site.url(f"/{self.key}/news/{number}")
        self.reprint(url, title, text)
        published_at = time.time() - 60 + number
        report = Report(url=url, title=title, text=text, published_at=published_at, teaser=teaser)
        self.reports.append(report)
        return report

    def correct(self, report: Report, was: str, now: str) -> None:
        """Put one wording for another into an article, on its page and in its feed."""
        better = replace(report, text=report.text.replace(was, now), teaser=report.teaser.replace(was, now))
        self.reports[self.reports.index(report)] = better
        self.reprint(better.url, better.title, better.text)

    def reprint(self, url: str, title: str, text: str) -> None:
        """Put other words on an article's page."""
        body = page(title, text, site=self.name, feed=self.feed)
        self.site.serve(url.removeprefix(self.site.origin), body, headers={"Content-Type": _HTML})

    def close(self) -> None:
        """Vouch for the feed for an hour, so that it is not asked for again as long as a test lasts."""
        self._is_closed = True

    async def _front(self, _request: web.Request) -> web.StreamResponse:
        links = "".join(f'<li><a href="{each.url}">{escape(each.title)}</a></li>' for each in self.reports)
        return web.Response(
            text=f'<!doctype html><html lang="en"><head><title>{escape(self.name)}</title>'
            f"{_alternate(self.name, self.feed)}</head>"
            f"<body><h1>{escape(self.name)}</h1><ul>{links}</ul></body></html>",
            content_type="text/html",
        )

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        items = "".join(
            f"<item><title>{escape(each.title)}</title><link>{each.url}</link><guid>{each.url}</guid>"
            f"<pubDate>{formatdate(each.published_at)}</pubDate>"
            f"{f'<description>{escape(each.teaser)}</description>' if each.teaser else ''}</item>"
            for each in reversed(self.reports)
        )
        body = (
            f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{escape(self.name)}</title>'
            f"<link>{self.front}</link><description>Made up.</description>{items}</channel></rss>"
        )
        etag = f'"{sha256(body.encode()).hexdigest()}"'
        headers = {"ETag": etag, "Cache-Control": f"max-age={3600 if self._is_closed else 0}"}
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(text=body, content_type="application/rss+xml", headers=headers)


_HTML = "text/html; charset=utf-8"


def page(title: str, text: str, *, site: str, feed: str) -> str:
    """Write an article's page around a text, a paragraph a line."""
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(title)}">'
        f'<meta property="og:site_name" content="{escape(site)}">{_alternate(site, feed)}</head>'
        f'<body><nav><a href="/">Home</a></nav>'
        f"<article><h1>{escape(title)}</h1>{paragraphs}</article><footer>All rights reserved.</footer></body></html>"
    )


def _alternate(name: str, feed: str) -> str:
    return f'<link rel="alternate" type="application/rss+xml" title="{escape(name)}" href="{escape(feed)}">'


def harbour_report(place: str, number: int) -> str:
    """Write some 130 words about a harbour; another place or number makes another report."""
    return "\n".join(
        (
            f"The harbour of {place} counted {number + 40} ships on Monday, more than in any week since the mole was "
            f"mended. Pilots brought the last of them in shortly before midnight, against a rising wind.",
            f"Most of the cargo was timber from the upper valley, which has waited {number + 2} weeks for the river to "
            f"fall. Two cranes worked through the night, and a third was borrowed from the shipyard next door.",
            f"Harbour master Edda Lorne said that {place} would keep the second shift until the sheds are empty. "
            f"Dockers get a day off for every night they have worked, she added, and a warm meal at four.",
            f"Skippers complain about the fee, which rose to {number + 11} crowns a metre in spring. The council wants "
            f"to look at it again in autumn, when the figures for the whole season are known.",
        )
    )
