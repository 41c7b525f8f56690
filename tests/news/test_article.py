"""Articles out of pages with the clutter of real ones, and out of feeds."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news.errors import ArticleError
from bot.news.pages.article import Article, choose_text, extract_article, text_of_html
from bot.news.pages.block_filter import Part, PartKind
from bot.news.pages.prepare import PagePart, prepare_article
from bot.news.pages.tree import parse_page
from bot.news.parsing.attributes import thin_out
from bot.news.parsing.encodings import web_codec

URL = "https://www.tidewatch.example/harbour/crane?utm_source=rss"
PARAGRAPHS = [
    "The crane at Pier 4 has leaned over the water since Monday, and nobody at the office can say for how long.",
    "“We have asked for a longer rope,” said the harbour master, Ilse Brandt, who has run the port for eleven years.",
    "Two ferries were sent to the old quay, where passengers waited in the rain for an hour before they landed.",
    "Engineers from the yard will look at the foundations on Thursday; until then, the pier stays shut to all traffic.",
    "The council put the cost of a new crane at four million crowns, a sum that is not in this year's budget.",
]
NODE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Crane leans over Pier 4",
    "datePublished": "2026-03-03T13:00:00+01:00",
    "author": [{"@type": "Person", "name": "Ada Quill"}, {"@type": "Person", "name": "Bo Reed"}],
    "publisher": {"@type": "Organization", "name": "Tidewatch"},
}
WHEN = datetime(2026, 3, 3, 12, tzinfo=UTC)


def page(head: str = "", *, paragraphs: list[str] | None = None, around: str = "", lang: str = "en-GB") -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in (PARAGRAPHS if paragraphs is None else paragraphs))
    return f"""<!doctype html><html lang="{lang}"><head><meta charset="utf-8">
    <title>Crane leans over Pier 4 | Tidewatch</title>{head}</head><body>
    <nav><ul><li><a href="/">Home</a></li><li><a href="/harbour">Harbour</a></li></ul></nav>
    <header><a href="/login">Log in</a> <a href="/subscribe">Subscribe</a></header>
    <main><article><h1>Crane leans over Pier 4</h1>{body}{around}</article></main>
    <aside><h2>Most read</h2><ul><li><a href="/1">Herring quota halved</a></li></ul></aside>
    <footer><p>© Tidewatch. All rights reserved. <a href="/privacy">Privacy</a></p></footer></body></html>""".encode()


def json_ld(node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def test_an_article_comes_out_whole() -> None:
    head = json_ld(NODE) + (
        '<link rel="canonical" href="https://tidewatch.example/harbour/crane">'
        '<meta property="og:image" content="/img/crane.jpg"><meta property="og:site_name" content="Tidewatch">'
    )
    assert extract_article(page(head), url=URL) == Article(
        title="Crane leans over Pier 4",
        text="\n".join(PARAGRAPHS),
        parts=tuple(Part(kind=PartKind.PARAGRAPH, text=text) for text in PARAGRAPHS),
        author="Ada Quill, Bo Reed",
        published_at=WHEN,
        lang="en",
        site="Tidewatch",
        url="https://tidewatch.example/harbour/crane",
        image="https://www.tidewatch.example/img/crane.jpg",
    )


def test_clutter_stays_out_of_the_text() -> None:
    text = extract_article(page(), url=URL).text
    assert all(paragraph in text for paragraph in PARAGRAPHS)
    for clutter in ("Log in", "Most read", "Herring", "All rights reserved", "Privacy"):
        assert clutter not in text


METADATA = {
    "graph": json_ld({"@graph": [{"@type": "WebPage"}, NODE]}),
    "list": json_ld([{"@type": "BreadcrumbList"}, NODE]),
    "type-list": json_ld({**NODE, "@type": ["Thing", "ReportageNewsArticle"]}),
    "main-entity": json_ld({"@type": "WebPage", "mainEntity": NODE}),
    "author-texts": json_ld({**NODE, "author": ["Ada Quill", "Bo Reed"]}),
    "trailing-comma": json_ld(NODE).replace("}</script>", ",}</script>"),
    "comment-around": json_ld(NODE).replace('json">', 'json"><!--').replace("</script>", "--></script>"),
    "line-break-in-text": json_ld({**NODE, "description": "a#b"}).replace("a#b", "a\nb"),
    "second-script": '<script type="application/ld+json">{broken</script>' + json_ld(NODE),
    "meta": '<meta property="og:title" content="Crane leans over Pier 4 | Tidewatch"><meta name="author" '
    'content="Ada Quill, Bo Reed"><meta property="article:published_time" content="2026-03-03T12:00:00Z">',
    "microdata": '<meta itemprop="datePublished" content="2026-03-03T12:00Z"><meta itemprop="author" '
    'content="By Ada Quill, Bo Reed">',
}


@pytest.mark.parametrize("head", METADATA.values(), ids=METADATA.keys())
def test_metadata_is_found_wherever_it_stands(head: str) -> None:
    article = extract_article(page(head), url=URL)
    assert (article.title, article.author, article.published_at) == (
        "Crane leans over Pier 4",
        "Ada Quill, Bo Reed",
        WHEN,
    )


@pytest.mark.parametrize(
    ("markup", "author"),
    [
        ('<span itemprop="author"><b itemprop="name">Ada Quill</b></span>', "Ada Quill"),
        ('<a rel="author" href="/ada">by Ada Quill</a>', "Ada Quill"),
        ('<meta name="author" content="https://tidewatch.example/ada">', ""),
        ('<meta name="author" content="admin">', ""),
    ],
)
def test_bylines_are_names(markup: str, author: str) -> None:
    assert extract_article(page(markup), url=URL).author == author


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        ("https://tidewatch.example/a", "https://tidewatch.example/a"),
        ("/a", "https://www.tidewatch.example/a"),
        ("https://news.tidewatch.example/a", "https://news.tidewatch.example/a"),
        ("https://elsewhere.example/a", URL),
        ("https://eviltidewatch.example/a", URL),
        ("http://127.0.0.1/a", URL),
        ("javascript:x", URL),
        ("https://tidewatch.example/", URL),
        ("", URL),
    ],
)
def test_a_canonical_address_is_believed_within_its_site(canonical: str, url: str) -> None:
    assert extract_article(page(f'<link rel="canonical" href="{canonical}">'), url=URL).url == url


@pytest.mark.parametrize(
    ("encoding", "charset", "declared"),
    [("utf-8", None, "utf-8"), ("windows-1251", None, "windows-1251"), ("windows-1251", "windows-1251", None),
     ("utf-8", "iso-8859-1", None), ("utf-8", None, None)],
)  # fmt: skip
def test_encodings_are_found_out(encoding: str, charset: str | None, declared: str | None) -> None:
    sentence = (
        "Кран на четвертому причалі нахилився над водою, і ніхто в управлінні порту не знає, наскільки надовго це."
    )
    html = page(paragraphs=[sentence] * 5, lang="uk").decode()
    html = html.replace('<meta charset="utf-8">', f'<meta charset="{declared}">' if declared else "").replace("©", "")
    article = extract_article(html.encode(encoding), url=URL, charset=charset)
    assert sentence in article.text
    assert article.lang == "uk"


@pytest.mark.parametrize("label", ["punycode", "unicode_escape", "utf-7", "idna", "rot13", "cp037", "utf-99", "x" * 99])
def test_an_encoding_that_no_browser_knows_is_guessed(label: str) -> None:
    assert web_codec(label) is None
    sentence = "The crane on berth four leaned over the water - nobody at the port knows by how much - on Monday."
    html = page(paragraphs=[sentence] * 5).replace(b'charset="utf-8"', f'charset="{label}"'.encode())
    assert sentence in extract_article(html, url=URL, charset=label).text


@pytest.mark.parametrize(
    ("label", "codec"),
    [("UTF8", "utf-8"), (" ISO-8859-1", "cp1252"), ("x-sjis", "cp932"), ("windows-31J", "cp932"), ("x-gbk", "gb18030"),
     ("latin5", "cp1254"), ("big5-hkscs", "big5hkscs"), ("macintosh", "mac-roman"), ("koi8-u", "koi8-u")],
)  # fmt: skip
def test_labels_mean_what_they_mean_to_browsers(label: str, codec: str) -> None:
    assert web_codec(label) == codec


VALUES = ("1", "'>'", '"<p>"', "")
CROWD = " ".join(f"a{number}={VALUES[number % 4]}" for number in range(3000))


@pytest.mark.parametrize(
    "html",
    [
        f"<p {CROWD}>Crane stuck.</p>",
        f"<b class='<p {CROWD}>Crane stuck.</p>",
        f'<script>var x = "<p \'"</script><p/{CROWD}>Crane stuck.</p>',
        f"<p<b {CROWD}>Crane stuck.</p>",
    ],
)
def test_an_element_keeps_its_first_attributes(html: str) -> None:
    root = parse_page(html.encode())
    assert max(len(element.attrib) for element in root.iter("*")) < 300
    assert text_of_html(html).endswith("Crane stuck.")


@pytest.mark.parametrize("end", ["</script>", "-->"])
def test_what_looks_like_a_crowd_of_attributes_in_a_script_or_comment_leaves_its_end(end: str) -> None:
    start = "<script>" if end == "</script>" else "<!--"
    html = f"{start} if (a <b) {{ {'1, ' * 900} }} {end}<p>Crane stuck.</p>"
    assert parse_page(html.encode()).text_content().endswith("Crane stuck.")
    assert text_of_html(html) == "Crane stuck."


@pytest.mark.parametrize("html", ["<a<a" * 300_000, "<a " * 300_000, "<a b='" * 200_000, '<a ="' * 200_000])
def test_tags_within_tags_are_looked_through_once(html: str) -> None:
    assert len(thin_out(html)) <= len(html)


@pytest.mark.parametrize("html", [b"", b"   \n", b"\0\0"])
def test_nothing_is_no_page(html: bytes) -> None:
    with pytest.raises(ArticleError):
        extract_article(html, url=URL)


def test_a_page_without_an_article_gives_an_empty_text() -> None:
    assert extract_article(b"<html><body><form><input></form></body></html>", url=URL).text == ""


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\nTwo."),
        ("One.<br>Two.<br/><br/>Three.", "One.\nTwo.\nThree."),
        ("Just <b>words</b> &amp; a <a href='x'>link</a>.", "Just words & a link."),
        ("plain &amp; simple", "plain & simple"),
        ("one\n\n two", "one\ntwo"),
        ("<p>a\n b</p>", "a b"),
        ("<script>x()</script><style>p{}</style><p>a</p>", "a"),
        ("<figure><img src=x><figcaption>Photo: B. Reed</figcaption></figure><p>a</p>", "a"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\nc"),
        ("a<!-- hidden -->b", "ab"),
        ("<p>unclosed <b>bold", "unclosed bold"),
        ("<div>a<p>b</p>c</div>", "a\nb\nc"),
        ("", ""),
    ],
)
def test_html_becomes_paragraphs(html: str, text: str) -> None:
    assert text_of_html(html) == text


def test_deep_nesting_costs_no_stack_and_little_time() -> None:
    started = time.process_time()
    text_of_html("<b>" * 300_000 + "x")
    assert time.process_time() - started < 5


@given(st.text(max_size=300))
def test_any_fragment_gives_clean_lines(html: str) -> None:
    text = text_of_html(html)
    assert text.encode().decode() == text
    assert all(line.strip() == line and line for line in text.split("\n")) or text == ""


def article(text: str) -> Article:
    return Article(title="x", text=text, url=URL)


@pytest.mark.parametrize(
    ("found", "feed", "chosen"),
    [
        (None, "<p>From the feed.</p>", "From the feed."),
        (article(""), "<p>From the feed.</p>", "From the feed."),
        (article("From the page, whole."), "<p>From</p>", "From the page, whole."),
        (article("Log in."), "<p>The feed has the whole article.</p>", "The feed has the whole article."),
        (article("From the page."), "", "From the page."),
        (None, "", ""),
    ],
)
def test_the_feeds_own_content_serves_where_the_page_fails(found: Article | None, feed: str, chosen: str) -> None:
    assert choose_text(found, feed) == chosen


def test_a_page_nested_too_deeply_is_none_and_the_feeds_own_words_serve() -> None:
    html = b"<html><body><article>" + b"<ul><li>" * 8000 + f"<p>{PARAGRAPHS[0]}</p>".encode() * 5
    with pytest.raises(ArticleError):
        extract_article(html, url=URL)
    sent = PagePart(html=html, url=URL, charset="utf-8")
    prepared = prepare_article(sent, feed_html=f"<p>{PARAGRAPHS[1]}</p>", title="Crane", max_chars=400)
    assert prepared.text == PARAGRAPHS[1]


@given(st.binary(max_size=500))
def test_any_bytes_give_an_article_or_an_article_error(html: bytes) -> None:
    try:
        found = extract_article(html, url=URL)
    except ArticleError:
        return
    assert found.url


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        pytest.param(
            "The mill\n   was shut.\nIt opens\non Monday.", "The mill was shut.\nIt opens on Monday.", id="wrapped"
        ),
        pytest.param("A headline\n\nThe text.", "A headline\nThe text.", id="blank line"),
        pytest.param("Рада вирішила\nвідкрити млин.", "Рада вирішила відкрити млин.", id="Ukrainian"),
    ],
)
def test_wrapped_plain_text_is_joined_to_sentences(fragment: str, text: str) -> None:
    assert text_of_html(fragment) == text
