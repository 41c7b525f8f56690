"""The sample papers' feeds: RSS 2.0, Atom and JSON Feed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sandbox.site.newsdesk import Article, Outlet

CONTENT_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


def render_feed(outlet: Outlet, articles: Sequence[Article], root: str) -> str:
    """Render an outlet's feed.

    Args:
        outlet: whose.
        articles: the newest first.
        root: the site's scheme, host and port.
    """
    match outlet.feed:
        case "rss":
            return _rss(outlet, articles, root)
        case "atom":
            return _atom(outlet, articles, root)
        case _:
            return _json(outlet, articles, root)


def instant(seconds: float) -> datetime:
    """Return an instant of the site's as an aware datetime, to the second."""
    return datetime.fromtimestamp(int(seconds), tz=UTC)


def lead(article: Article) -> str:
    """Return an article's first paragraph."""
    return article.paragraphs[0]


def _body(article: Article) -> str:
    return "".join(f"<p>{escape(words, quote=False)}</p>" for words in article.paragraphs)


def _rss(outlet: Outlet, articles: Sequence[Article], root: str) -> str:
    items = "".join(
        f"""
    <item>
      <title>{escape(article.title, quote=False)}</title>
      <link>{root}{article.path}</link>
      <guid isPermaLink="false">{outlet.key}-{article.number}</guid>
      <dc:creator>{escape(article.author, quote=False)}</dc:creator>
      <category>{escape(article.section, quote=False)}</category>
      <pubDate>{format_datetime(instant(article.published_at))}</pubDate>
      <description>{escape(f"<p>{escape(lead(article), quote=False)}</p>", quote=False)}</description>
    </item>"""
        for article in articles
    )
    newest = max((article.changed_at for article in articles), default=0)
    built = f"<lastBuildDate>{format_datetime(instant(newest))}</lastBuildDate>" if articles else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel>
    <title>{escape(outlet.name, quote=False)}</title>
    <link>{root}/site/{outlet.key}/</link>
    <atom:link href="{root}{outlet.feed_path}" rel="self" type="application/rss+xml"/>
    <description>{escape(outlet.tagline, quote=False)}</description>
    <language>{outlet.language}</language>
    {built}{items}
  </channel>
</rss>
"""


def _atom(outlet: Outlet, articles: Sequence[Article], root: str) -> str:
    entries = "".join(
        f"""
  <entry>
    <title>{escape(article.title, quote=False)}</title>
    <link rel="alternate" type="text/html" href="{root}{article.path}"/>
    <id>tag:{outlet.key}.example,2026:{article.number}</id>
    <published>{instant(article.published_at).isoformat()}</published>
    <updated>{instant(article.changed_at).isoformat()}</updated>
    <author><name>{escape(article.author, quote=False)}</name></author>
    <category term="{escape(article.section)}"/>
    <summary>{escape(lead(article), quote=False)}</summary>
    <content type="html">{escape(_body(article))}</content>
  </entry>"""
        for article in articles
    )
    updated = instant(max((article.changed_at for article in articles), default=0)).isoformat()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">
  <title>{escape(outlet.name, quote=False)}</title>
  <subtitle>{escape(outlet.tagline, quote=False)}</subtitle>
  <id>tag:{outlet.key}.example,2026:feed</id>
  <link rel="self" href="{root}{outlet.feed_path}"/>
  <link rel="alternate" type="text/html" href="{root}/site/{outlet.key}/"/>
  <updated>{updated}</updated>{entries}
</feed>
"""


def _json(outlet: Outlet, articles: Sequence[Article], root: str) -> str:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "description": outlet.tagline,
        "language": outlet.language,
        "home_page_url": f"{root}/site/{outlet.key}/",
        "feed_url": f"{root}{outlet.feed_path}",
        "items": [
            {
                "id": f"{outlet.key}:{article.number}",
                "url": f"{root}{article.path}",
                "title": article.title,
                "summary": lead(article),
                "content_html": f"<p>{escape(lead(article), quote=False)}</p>",
                "date_published": instant(article.published_at).isoformat(),
                "date_modified": instant(article.changed_at).isoformat(),
                "authors": [{"name": article.author}],
                "tags": [article.section],
            }
            for article in articles
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1)
