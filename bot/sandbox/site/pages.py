"""The sample papers' pages, with the clutter that real ones have."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from bot.sandbox.site.feeds import CONTENT_TYPES, instant, lead
from bot.sandbox.site.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.sandbox.site.newsdesk import Article, Outlet

_STYLE = """
body{font:17px/1.6 Georgia,serif;margin:0;color:#1d2428;background:#fff}
header,main,footer{max-width:44rem;margin:0 auto;padding:1rem}
header h1 a,header a{color:inherit;text-decoration:none}nav a{margin-right:1rem;font:14px sans-serif}
aside,.cookie-banner,.newsletter,.comments{font:15px/1.5 sans-serif;background:#f2f4f3;padding:1rem;margin:1rem 0}
figure{margin:1rem 0}figcaption,.meta,footer{color:#66707a;font:14px sans-serif}
.plate{height:9rem;background:linear-gradient(120deg,#8fb3b8,#d9c9a3)}
"""


def home_page(outlets: Iterable[Outlet], root: str) -> str:
    """Render the page that names all papers, and tells machines of their feeds."""
    named = list(outlets)
    feeds = "\n".join(
        f'<link rel="alternate" type="{CONTENT_TYPES[outlet.feed]}" title="{escape(outlet.name)}"'
        f' href="{root}{outlet.feed_path}">'
        for outlet in named
    )
    papers = "\n".join(
        f'<li dir="auto" lang="{outlet.language}"><a href="/site/{outlet.key}/">{escape(outlet.name)}</a><br>'
        f'<span class="meta">{escape(outlet.tagline)}</span></li>'
        for outlet in named
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Papers of Aldmoor</title>
{feeds}
<style>{_STYLE}
ul{{list-style:none;padding:0}}li{{padding:.5rem 0;border-bottom:1px solid #e4e8e7}}li a{{font-size:1.25rem}}
</style>
</head>
<body><header><h1>Papers of Aldmoor</h1><p class="meta">Made-up news from a made-up region.</p></header>
<main><ul>
{papers}
</ul></main></body></html>"""


def _head(outlet: Outlet, root: str, title: str, more: str = "") -> str:
    kind = CONTENT_TYPES[outlet.feed]
    return f"""<!doctype html>
<html lang="{outlet.language}" dir="{"rtl" if outlet.language == "ar" else "ltr"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="alternate" type="{kind}" title="{escape(outlet.name)}" href="{root}{outlet.feed_path}">
{more}<style>{_STYLE}</style>
</head>"""


def _top(outlet: Outlet) -> str:
    words = _words(outlet)
    sections = " ".join(f'<a href="/site/{outlet.key}/">{escape(name)}</a>' for name in words["sections"])
    return f"""<div class="cookie-banner" role="dialog" aria-label="cookies"><p>{escape(words["cookies"])}</p>
<button>{escape(words["accept"])}</button> <button>{escape(words["refuse"])}</button></div>
<header><h1><a href="/site/{outlet.key}/">{escape(outlet.name)}</a></h1><p class="meta">{escape(outlet.tagline)}</p>
<nav aria-label="sections">{sections}</nav></header>"""


def _bottom(outlet: Outlet) -> str:
    return f"<footer><p>© {escape(outlet.name)}. {escape(_words(outlet)['footer'])}</p></footer>"


def _words(outlet: Outlet) -> Mapping[str, Any]:
    return WORDS[outlet.language]


def front_page(outlet: Outlet, articles: Sequence[Article], root: str) -> str:
    """Render an outlet's front page, the newest article first."""
    words = _words(outlet)
    items = "".join(
        f'<article><h3><a href="{article.path}">{escape(article.title)}</a></h3>'
        f'<p class="meta">{escape(article.section)} · {instant(article.published_at):%H:%M}</p>'
        f"<p>{escape(lead(article))}</p></article>"
        for article in articles[:20]
    )
    read = "".join(f'<li><a href="{article.path}">{escape(article.title)}</a></li>' for article in articles[5:10])
    box = f"<aside><h2>{escape(words['top'])}</h2><ol>{read}</ol></aside>" if read else ""
    return f"""{_head(outlet, root, f"{outlet.name}: {outlet.tagline}")}
<body>{_top(outlet)}
<main><h2>{escape(words["newest"])}</h2>{items}
{box}</main>
{_bottom(outlet)}</body></html>"""


def article_page(article: Article, others: Sequence[Article], root: str) -> str:
    """Render an article among navigation, banners, boxes, comments and machine-readable data.

    Args:
        article: the article.
        others: more of the outlet's, for the boxes of links.
        root: the site's scheme, host and port.
    """
    outlet = article.outlet
    words = _words(outlet)
    published = instant(article.published_at)
    ld = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": published.isoformat(),
        "dateModified": instant(article.changed_at).isoformat(),
        "author": [{"@type": "Person", "name": article.author}],
        "publisher": {"@type": "Organization", "name": outlet.name},
        "articleSection": article.section,
        "inLanguage": outlet.language,
        "mainEntityOfPage": f"{root}{article.path}",
    }
    # A closing tag inside the data would end the script.
    data = json.dumps(ld, ensure_ascii=False).replace("</", "<\\/")
    meta = f"""<link rel="canonical" href="{root}{article.path}">
<meta name="description" content="{escape(lead(article)[:150])}">
<meta name="author" content="{escape(article.author)}">
<meta property="og:type" content="article">
<meta property="og:title" content="{escape(article.title)}">
<meta property="og:site_name" content="{escape(outlet.name)}">
<meta property="og:url" content="{root}{article.path}">
<meta property="article:published_time" content="{published.isoformat()}">
<meta property="article:modified_time" content="{instant(article.changed_at).isoformat()}">
<script type="application/ld+json">{data}</script>
"""
    note = ""
    if article.correction:
        note = f'<p class="correction"><b>{escape(words["corrected"])}:</b> {escape(article.correction)}</p>'
    first, *rest = article.paragraphs
    middle = len(rest) // 2
    related = "".join(f'<li><a href="{other.path}">{escape(other.title)}</a></li>' for other in others[:3])
    box = f'<aside class="related"><h2>{escape(words["related"])}</h2><ul>{related}</ul></aside>' if related else ""
    comments = "".join(f"<li><p>{escape(said)}</p></li>" for said in words["said"])
    return f"""{_head(outlet, root, f"{article.title} | {outlet.name}", meta)}
<body>{_top(outlet)}
<main><article>
<p class="meta section">{escape(article.section)}</p>
<h1>{escape(article.title)}</h1>
<p class="meta byline">{escape(words["by"])} {escape(article.author)} ·
<time datetime="{published.isoformat()}">{published:%d.%m.%Y %H:%M}</time></p>
<ul class="share" aria-label="{escape(words["share"])}"><li><a href="#share-post">Post</a></li>
<li><a href="#share-mail">Mail</a></li><li><a href="#share-copy">Copy link</a></li></ul>
<figure><div class="plate" role="img" aria-label="{escape(article.caption)}"></div>
<figcaption>{escape(article.caption)} {escape(words["photo"])}: {escape(outlet.name)}</figcaption></figure>
<div class="article-body">
<p>{escape(f"{article.place.upper()} — ")}{escape(first)}</p>
{"".join(f"<p>{escape(paragraph)}</p>" for paragraph in rest[:middle])}
{box}
{"".join(f"<p>{escape(paragraph)}</p>" for paragraph in rest[middle:])}
</div>{note}</article>
<section class="newsletter"><h2>{escape(words["letter"])}</h2><p>{escape(words["letter_words"])}</p>
<form><input type="email" aria-label="email"><button>{escape(words["sign"])}</button></form></section>
<section class="comments"><h2>{escape(words["comments"])}</h2><ul>{comments}</ul></section></main>
{_bottom(outlet)}</body></html>"""
