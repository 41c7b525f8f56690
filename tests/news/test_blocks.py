"""What of a page is its article: paragraphs, headings, items and quotations in, what surrounds them out."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bot.news.pages.article import Article, choose_text, extract_article
from bot.news.pages.block_features import ALONE, FEATURES, Hints, PageBlocks
from bot.news.pages.block_filter import BlockTrees, PageTrees, PartKind, find_parts, shipped_trees
from bot.news.pages.blocks import find_blocks
from bot.news.pages.obstacles import Obstacle
from bot.news.pages.tree import parse_page

URL = "https://tidewatch.example/harbour/crane"
LEAD = "The crane at Pier 4 has leaned over the water since Monday, and nobody can say for how long it will stand."
FIRST = "Two ferries were sent to the old quay, where passengers waited in the rain for an hour before they landed."
SAID = "“We have asked for a longer rope,” said the harbour master, who has run the port for eleven years."
LAST = "Engineers from the yard will look at the foundations on Thursday; until then the pier stays shut to traffic."
MORE = "The council put the cost of a new crane at four million crowns, a sum that is not in this year's budget."
PARAGRAPHS = f"<p>{LEAD}</p><p>{FIRST}</p><p>{LAST}</p><p>{MORE}</p>"


def page(inside: str, *, head: str = "", title: str = "Crane leans over Pier 4", after: str = "") -> bytes:
    return f"""<!doctype html><html lang="en"><head><title>{title} | Tidewatch</title>{head}</head><body>
    <nav><ul><li><a href="/">Home</a></li><li><a href="/harbour">Harbour</a></li></ul></nav>
    <main><article><h1>{title}</h1><div class="article-body">{inside}</div></article>{after}</main>
    <footer><p>© Tidewatch. All rights reserved.</p></footer></body></html>""".encode()


def read(inside: str, **options: str) -> Article:
    return extract_article(page(inside, **options), url=URL)


def test_parts_keep_what_they_are() -> None:
    article = read(
        f"<p>{LEAD}</p><p>{FIRST}</p><h2>What engineers will do</h2><p>{LAST}</p>"
        f"<blockquote><p>{SAID}</p></blockquote><ul><li>{MORE}</li></ul>"
    )
    kinds = {part.text: part.kind for part in article.parts}
    assert kinds[LEAD] is PartKind.PARAGRAPH
    assert kinds[SAID] is PartKind.QUOTATION
    assert kinds[MORE] is PartKind.ITEM
    assert article.text.splitlines() == [part.text for part in article.parts]


@pytest.mark.parametrize(
    "clutter",
    [
        pytest.param(
            '<div class="newsletter-signup"><p>Sign up to our newsletter for the best of the harbour.</p></div>',
            id="newsletter",
        ),
        pytest.param("<p>Do you have a story to tell? Email: desk@tidewatch.example</p>", id="a call to write"),
        pytest.param('<p>Read more: <a href="/2">Herring quota halved by the ministry</a></p>', id="read more"),
        pytest.param(
            '<div class="related"><h3>Related</h3><ul><li><a href="/1">Ferry to Orsa late again</a></li>'
            '<li><a href="/2">Night bridge opened</a></li></ul></div>',
            id="related stories",
        ),
        pytest.param(
            '<div class="author-bio"><p>Ada Quill is a reporter at Tidewatch. Follow her on Twitter.</p></div>',
            id="author box",
        ),
        pytest.param(
            '<div class="share-bar"><a href="#f">Share on Facebook</a> <a href="#w">Share on WhatsApp</a></div>',
            id="share bar",
        ),
    ],
)
def test_what_surrounds_an_article_stays_out(clutter: str) -> None:
    lines = read(f"<p>{LEAD}</p><p>{FIRST}</p>{clutter}<p>{LAST}</p><p>{MORE}</p>").text.splitlines()
    assert [line for line in lines if line not in {LEAD, FIRST, LAST, MORE}] == []
    assert {LEAD, FIRST, LAST, MORE} <= set(lines)


def test_a_text_that_stands_twice_is_read_once() -> None:
    again = f'<div class="print-version">{PARAGRAPHS}</div>'
    assert read(f'<div class="story-text">{PARAGRAPHS}</div>', after=again).text.count(FIRST) == 1


def test_a_page_that_scripts_draw_is_read_from_its_data() -> None:
    data = json.dumps({"props": {"html": PARAGRAPHS}}).replace("<", "\\u003c")
    html = (
        f"<html><head><title>Crane</title></head><body><div id=root></div><script>boot({data})</script></body></html>"
    )
    assert extract_article(html.encode(), url=URL).text.splitlines() == [LEAD, FIRST, LAST, MORE]


def test_a_page_without_text_falls_back_on_its_description_in_json() -> None:
    node = {"@type": "NewsArticle", "headline": "Crane leans over Pier 4", "articleBody": f"{LEAD}\n{FIRST}\n{MORE}"}
    head = f'<script type="application/ld+json">{json.dumps(node)}</script>'
    assert read("", head=head).text.splitlines() == [LEAD, FIRST, MORE]


@pytest.mark.parametrize(
    ("markup", "author"),
    [
        pytest.param('<span class="byline">By <a href="/ada">Ada Quill</a></span>', "Ada Quill", id="a link"),
        pytest.param('<div class="article__author">Von Ada Quill, Orsa</div>', "Ada Quill, Orsa", id="with a place"),
        pytest.param('<p class="text-sm">By Ada Quill and Bo Reed</p>', "Ada Quill, Bo Reed", id="not marked up"),
        pytest.param('<div itemprop="author"><b itemprop="name">Ada Quill</b></div>', "Ada Quill", id="microdata"),
        pytest.param("<div>（责编：牛镛、岳弘彬）</div>", "牛镛, 岳弘彬", id="Chinese"),
        pytest.param('<div class="related"><span class="author">Bo Reed</span></div>', "", id="another's"),
        pytest.param('<span class="author-note">More from our correspondents in the harbour</span>', "", id="a note"),
    ],
)
def test_writers_are_named_from_the_line_under_the_headline(markup: str, author: str) -> None:
    assert read(markup + PARAGRAPHS).author == author


def test_a_writer_is_named_once_and_as_people_are() -> None:
    node = {"@type": "NewsArticle", "author": ["Ada Quill", "ada-quill", "(Image: Harbour press)", "Jean-Luc Reed"]}
    head = f'<script type="application/ld+json">{json.dumps(node)}</script>'
    assert read(PARAGRAPHS, head=head).author == "Ada Quill, Jean-Luc Reed"


def test_a_publisher_is_no_writer_where_one_is_named() -> None:
    head = '<meta property="og:site_name" content="Tidewatch"><meta name="author" content="Tidewatch">'
    assert read('<span class="author">Ada Quill</span>' + PARAGRAPHS, head=head).author == "Ada Quill"
    assert read(PARAGRAPHS, head=head).author == "Tidewatch"


OPENING = f"<p>{LEAD}</p><p>{FIRST}</p><p>{MORE}</p>"
HEADLINES = "".join(
    f'<article><h3><a href="/{place}">Harbour bridge shut for the {place} time</a></h3><p>{FIRST}</p></article>'
    for place in ("first", "second", "third", "fourth", "fifth", "sixth")
)
"""What a front page shows, or a box of more to read under an article."""
FRONT = "https://tidewatch.example"
PAID = '<script type="application/ld+json">{"@type":"Article","headline":"Crane","isAccessibleForFree":"No"}</script>'


@pytest.mark.parametrize(
    ("html", "url", "obstacle"),
    [
        pytest.param(page(OPENING), URL, None, id="an article"),
        pytest.param(page(OPENING, head=PAID), URL, Obstacle.PAYWALL, id="paywall in JSON-LD"),
        pytest.param(page(PARAGRAPHS * 8, head=PAID), URL, None, id="paid, but whole"),
        pytest.param(
            page(OPENING + '<div class="paywall"><p>Subscribe to continue reading.</p></div>'),
            URL,
            Obstacle.PAYWALL,
            id="paywall on the page",
        ),
        pytest.param(
            page("<p>Sorry, we looked everywhere.</p>", title="Page not found"), URL, Obstacle.MISSING, id="soft 404"
        ),
        pytest.param(page("", title="Seite nicht gefunden"), URL, Obstacle.MISSING, id="soft 404 in German"),
        pytest.param(
            page("<p>Watch.</p>", head='<meta property="og:type" content="video.other">'),
            URL,
            Obstacle.VIDEO,
            id="video",
        ),
        pytest.param(
            page("<p>We value your privacy. Accept all cookies, or manage cookies.</p>", title="Before you continue"),
            "https://consent.tidewatch.example/collect",
            Obstacle.CONSENT,
            id="consent",
        ),
        pytest.param(page(HEADLINES, title="Tidewatch"), f"{FRONT}/", Obstacle.FRONT, id="front page"),
        pytest.param(page(HEADLINES, title="Harbour"), f"{FRONT}/news/harbour", Obstacle.FRONT, id="section"),
        pytest.param(page(PARAGRAPHS * 3), f"{FRONT}/", None, id="an article that is all of its site"),
        pytest.param(
            page(f"<h1>Crane topples at the harbour of Orsa</h1>{PARAGRAPHS}{HEADLINES}"),
            f"{FRONT}/news/crane",
            None,
            id="an article with a headline of its own",
        ),
        pytest.param(page(PARAGRAPHS * 9 + HEADLINES), f"{FRONT}/crane", None, id="an article with more to read"),
        pytest.param(page(PARAGRAPHS + HEADLINES), f"{FRONT}/crane-topples-at-harbour", None, id="a slug"),
    ],
)
def test_what_stands_before_an_article_is_recognised(html: bytes, url: str, obstacle: Obstacle | None) -> None:
    assert extract_article(html, url=url).obstacle is obstacle


@pytest.mark.parametrize(
    ("obstacle", "text"),
    [
        pytest.param(None, LEAD, id="a whole page wins over a teaser"),
        pytest.param(Obstacle.PAYWALL, f"{LEAD} {FIRST[:10]}", id="a longer feed wins over an opening"),
        pytest.param(Obstacle.MISSING, f"{LEAD} {FIRST[:10]}", id="the feed serves where nothing is"),
    ],
)
def test_a_feeds_own_text_serves_where_the_page_is_walled(obstacle: Obstacle | None, text: str) -> None:
    found = Article(title="Crane", text=LEAD, url=URL, obstacle=obstacle)
    assert choose_text(found, f"<p>{LEAD} {FIRST[:10]}</p>") == text


def test_trees_vote_by_their_thresholds() -> None:
    tree = {"feature": [0, 0, 0], "threshold": [0.5, 0, 0], "left": [1, 1, 2], "right": [2, 1, 2], "value": [0, 2, -2]}
    trees = BlockTrees({"depth": 3, "features": list(FEATURES), "trees": [tree, tree]})
    rows = np.zeros((2, len(FEATURES)))
    rows[1, 0] = 1
    assert trees.chances(rows) == pytest.approx([1 / (1 + np.exp(-4)), 1 / (1 + np.exp(4))])


def test_the_shipped_trees_know_every_feature() -> None:
    trees = shipped_trees()
    assert trees.alone.chances(np.zeros((0, len(ALONE)))).shape == (0,)
    assert trees.beside.chances(np.zeros((0, len(FEATURES)))).shape == (0,)


def vote(value: float, features: tuple[str, ...]) -> BlockTrees:
    leaf = {"feature": [0], "threshold": [0], "left": [0], "right": [0], "value": [value]}
    return BlockTrees({"depth": 1, "features": list(features), "trees": [leaf]})


@pytest.mark.parametrize(
    ("alone", "asked"),
    [pytest.param(8, 0, id="sure"), pytest.param(0.5, 1, id="in doubt"), pytest.param(-8, 1, id="sure of nothing")],
)
def test_a_draft_is_made_only_where_the_blocks_alone_leave_doubt(alone: float, asked: int) -> None:
    drafts: list[str] = []

    def draft() -> str:
        drafts.append(LEAD)
        return LEAD

    blocks = PageBlocks(find_blocks(parse_page(page(PARAGRAPHS))), Hints(title="Crane leans over Pier 4"))
    parts = find_parts(blocks, draft, PageTrees(alone=vote(alone, ALONE), beside=vote(4, FEATURES)))
    assert len(drafts) == asked
    assert LEAD in {part.text for part in parts}


def test_blocks_of_a_deep_page_are_found_without_recursion() -> None:
    root = parse_page(("<div>" * 5000 + f"<p>{LEAD}</p>").encode())
    assert len(find_blocks(root)) <= 1
