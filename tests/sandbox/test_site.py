from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import feedparser

from bot.sandbox.site.feeds import CONTENT_TYPES
from bot.sandbox.site.newsdesk import Newsdesk, load_texts

if TYPE_CHECKING:
    from tests.sandbox.conftest import HandClock, Wire


def test_the_papers_have_enough_to_tell() -> None:
    outlets, first, later = load_texts()
    assert {outlet.feed for outlet in outlets.values()} == {"rss", "atom", "json"}
    assert {outlet.language for outlet in outlets.values()} == {"en", "uk", "de", "fr", "es", "ru", "ar"}
    assert len(outlets) == 9
    events: dict[str, set[str]] = {}
    for text in first:
        events.setdefault(text["event"], set()).add(text["outlet"])
    assert len(events) >= 14
    assert sum(1 for papers in events.values() if len(papers) > 1) >= 8
    assert sum(1 for text in first if text["outlet"] == "berehovist") >= 6
    for text in [*first, *later]:
        assert 145 <= sum(len(paragraph.split()) for paragraph in text["paragraphs"]) <= 350, text["slug"]
        assert len(text["paragraphs"]) >= 5


def test_an_article_comes_out_every_so_often(clock: HandClock) -> None:
    desk = Newsdesk(clock=clock, every_s=30, at_start=8)
    assert len(desk.articles()) == 8
    clock.advance(29)
    assert len(desk.articles()) == 8
    clock.advance(1)
    assert len(desk.articles()) == 9
    clock.advance(95)
    newest, *_ = desk.articles()
    assert len(desk.articles()) == 12
    assert newest.published_at == clock.time() - 5


def test_follow_ups_are_new_articles_without_end(clock: HandClock) -> None:
    desk = Newsdesk(clock=clock, every_s=0)
    for _ in range(150):
        desk.publish()
    articles = desk.articles()
    assert len({article.path for article in articles}) == len(articles) == 158
    assert len({article.title for article in articles}) == 158
    assert len({article.paragraphs[0] for article in articles}) == 158
    assert not any("{" in article.text or "{" in article.title for article in articles)


def test_the_same_seed_gives_the_same_articles(clock: HandClock) -> None:
    papers = []
    for seed in (1, 1, 2):
        desk = Newsdesk(clock=clock, every_s=0, seed=seed)
        for _ in range(60):
            desk.publish()
        papers.append([article.text for article in desk.articles()])
    assert papers[0] == papers[1] != papers[2]


def test_a_restored_desk_goes_on_where_it_was(clock: HandClock) -> None:
    desk = Newsdesk(clock=clock, every_s=30)
    clock.advance(300)
    before = desk.articles()
    saved = json.loads(json.dumps(desk.state()))
    clock.advance(5000)
    later = Newsdesk(clock=clock, every_s=30)
    later.restore(saved)
    assert later.articles() == before
    clock.advance(30)
    assert len(later.articles()) == len(before) + 1


def test_papers_tell_the_same_figures_of_the_same_day(clock: HandClock) -> None:
    desk = Newsdesk(clock=clock, every_s=0)
    for _ in range(120):
        desk.publish()
    reports: dict[str, list[str]] = {}
    for article in desk.articles():
        if article.event == "ferry-queue":
            day, count, *_ = sorted(re.findall(r"\d+", article.title.replace(",", "")), key=int)
            reports.setdefault(day, []).append(count)
    days = [counts for counts in reports.values() if len(counts) == 7]
    assert len(days) >= 2
    assert all(len(set(counts)) == 1 for counts in days)
    assert len({counts[0] for counts in days}) > 1


def test_what_is_repaired_grows_from_day_to_day(clock: HandClock) -> None:
    desk = Newsdesk(clock=clock, every_s=0)
    for _ in range(200):
        desk.publish()
    texts = [article.paragraphs[0] for article in reversed(desk.articles()) if article.event == "bridge-repair"]
    shares = [int(found[1]) for text in texts if (found := re.search(r"(\d+) per cent", text))]
    assert len(shares) >= 4
    assert shares == sorted(shares)


async def test_a_paper_corrects_itself_at_the_old_address(wire: Wire, clock: HandClock) -> None:
    async def fetch(path: str) -> str:
        async with wire.session.get(wire.sandbox.url + path) as answer:
            return unescape(await answer.text())

    before = await fetch("/site/weirpost/feed.xml")
    clock.advance(600)
    corrected = await wire.act("POST", "/sandbox/correct", {"outlet": "weirpost"})
    page = await fetch(corrected["path"])
    assert "3.4 million" in page
    assert corrected["note"] in page
    after = await fetch("/site/weirpost/feed.xml")
    assert "repairs to Sable Bridge will cost 2.4 million crowns" in before
    assert "repairs to Sable Bridge will cost 3.4 million crowns" in after
    ids = [re.findall(r"<id>([^<]+)</id>", feed) for feed in (before, after)]
    assert ids[0] == ids[1]
    await wire.act("POST", "/sandbox/correct", {"outlet": "weirpost"})
    assert wire.status == 400
    saved = json.loads(json.dumps(wire.sandbox.newsdesk.state()))
    later = Newsdesk(clock=clock, every_s=0)
    later.restore(saved)
    assert "3.4 million" in next(article for article in later.articles("weirpost") if article.correction).text


def test_corrections_come_by_themselves_while_articles_do(clock: HandClock) -> None:
    desk = Newsdesk(clock=clock, every_s=30, at_start=3)
    clock.advance(20)
    assert desk.articles()
    assert desk.corrections == 0
    clock.advance(150)
    assert desk.articles()
    assert desk.corrections == 1


async def test_time_runs_faster_on_request(wire: Wire, clock: HandClock) -> None:
    clock.advance(1_000)
    assert (await wire.act("GET", "/sandbox/pace"))["every_s"] == 0
    before = (await wire.act("POST", "/sandbox/pace", {"every_s": 5}))["published"]
    clock.advance(51)
    assert (await wire.act("GET", "/sandbox/pace"))["published"] == before + 10
    await wire.act("POST", "/sandbox/pace", {"every_s": 0})
    clock.advance(100)
    assert (await wire.act("GET", "/sandbox/pace"))["published"] == before + 10
    await wire.act("POST", "/sandbox/pace", {"every_s": 0.001})
    assert wire.status == 400


async def test_every_feed_parses_and_every_article_page_holds_its_text(wire: Wire) -> None:
    desk = wire.sandbox.newsdesk
    for _ in range(30):
        desk.publish()
    root = wire.sandbox.url
    pages: set[str] = set()
    for outlet in desk.outlets.values():
        async with wire.session.get(f"{root}/site/{outlet.key}/") as answer:
            front = await answer.text()
        found = re.search(r'<link rel="alternate" type="([^"]+)" title="[^"]+" href="([^"]+)">', front)
        assert found is not None
        assert found[1] == CONTENT_TYPES[outlet.feed]
        async with wire.session.get(found[2]) as answer:
            assert answer.content_type == CONTENT_TYPES[outlet.feed]
            body = await answer.text()
        if outlet.feed == "json":
            feed = json.loads(body)
            links = [item["url"] for item in feed["items"]]
            assert all(item["id"] and item["title"] and item["content_html"] for item in feed["items"])
        else:
            ET.fromstring(body)
            parsed = feedparser.parse(body)
            assert not parsed.bozo
            assert parsed.feed.language == outlet.language
            assert all(entry.id and entry.title and entry.published_parsed for entry in parsed.entries)
            links = [entry.link for entry in parsed.entries]
        assert len(links) == len(set(links)) == len(desk.articles(outlet.key))
        pages.update(links)
    for article in desk.articles():
        assert root + article.path in pages
        async with wire.session.get(root + article.path) as answer:
            page = unescape(await answer.text())
        assert article.title in page
        assert all(paragraph in page for paragraph in article.paragraphs)


async def test_feeds_have_validators_that_are_honoured(wire: Wire) -> None:
    address = f"{wire.sandbox.url}/site/tidewatch/feed.xml"
    async with wire.session.get(address) as answer:
        etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
    for headers in ({"If-None-Match": etag}, {"If-None-Match": f'"x", W/{etag}'}, {"If-Modified-Since": modified}):
        async with wire.session.get(address, headers=headers) as answer:
            assert answer.status == 304
            assert answer.headers["ETag"] == etag
            assert await answer.read() == b""
    while wire.sandbox.newsdesk.publish().outlet.key != "tidewatch":
        pass
    for headers in ({"If-None-Match": etag}, {"If-Modified-Since": modified}, {"If-Modified-Since": "yesterday"}):
        async with wire.session.get(address, headers=headers) as answer:
            assert answer.status == 200


async def test_some_pages_fail_on_purpose(wire: Wire) -> None:
    root = wire.sandbox.url
    async with wire.session.get(f"{root}/site/nofeed/") as answer:
        assert answer.status == 200
        assert "alternate" not in await answer.text()
    async with wire.session.get(f"{root}/site/broken-feed.xml") as answer:
        assert feedparser.parse(await answer.text()).bozo
    for path in ("/site/missing", "/site/missing/", "/site/tidewatch/feed.json", "/site/tidewatch/news/1-other"):
        async with wire.session.get(root + path) as answer:
            assert answer.status == 404
    async with wire.session.get(f"{root}/site/slow?s=0.01") as answer:
        assert answer.status == 200
    async with wire.session.get(f"{root}/site/huge") as answer:
        size = 0
        async for block in answer.content.iter_chunked(1 << 20):
            size += len(block)
    assert size >= 50 * 1024 * 1024
    async with wire.session.get(f"{root}/site/tidewatch", allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/site/tidewatch/"


async def test_the_site_may_be_asked_for_by_any_name(wire: Wire) -> None:
    async with wire.session.get(f"{wire.sandbox.url}/site/tidewatch/", headers={"Host": "tidewatch.example"}) as answer:
        assert "http://tidewatch.example/site/tidewatch/feed.xml" in await answer.text()
