"""robots.txt as RFC 9309 has it: rules by its own examples, and a site of ours that is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.news.errors import PageDisallowed
from bot.news.reader import Reader
from bot.news.web.robots import Robots, parse_robots

if TYPE_CHECKING:
    from bot.news.web.client import Web
    from bot.news.workers import Workers
    from tests.support.web import Site

EVERYONE = "User-agent: *\nDisallow: /private\n"


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        pytest.param("", "/a", True, id="empty"),
        pytest.param(EVERYONE, "/a", True, id="another path"),
        pytest.param(EVERYONE, "/private/a", False, id="below"),
        pytest.param(EVERYONE, "/privately", False, id="a prefix, not a folder"),
        pytest.param("User-agent: *\nDisallow:\n", "/a", True, id="an empty rule forbids nothing"),
        pytest.param("User-agent: *\nDisallow: /\nAllow: /news/", "/news/a", True, id="the longer rule"),
        pytest.param("User-agent: *\nAllow: /news/\nDisallow: /", "/news/a", True, id="in any order"),
        pytest.param("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True, id="permission among equals"),
        pytest.param("User-agent: Newsgist\nDisallow: /\nUser-agent: *\nAllow: /", "/a", False, id="our name"),
        pytest.param("User-agent: newsgist/9 (x)\nDisallow: /", "/a", False, id="our name with a version"),
        pytest.param("User-agent: *\nDisallow: /\n\nUser-agent: NEWSGIST\nDisallow:", "/a", True, id="only our group"),
        pytest.param("User-agent: news\nDisallow: /", "/a", True, id="another's name"),
        pytest.param("User-agent: a\nUser-agent: newsgist\nDisallow: /", "/a", False, id="one of several names"),
        pytest.param(
            "User-agent: newsgist\nDisallow: /a\nUser-agent: b\nDisallow: /b\nUser-agent: newsgist\nDisallow: /c",
            "/c",
            False,
            id="groups of one name are one",
        ),
        pytest.param("Disallow: /", "/a", True, id="a rule for nobody"),
        pytest.param("user-agent:*\ndisallow:/x # why\n", "/x", False, id="lower case, no spaces, a comment"),
        pytest.param("User-agent: *\r\nDisallow: /x\r\n", "/x", False, id="Windows lines"),
        pytest.param("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False, id="wildcard and end"),
        pytest.param("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x", True, id="not at the end"),
        pytest.param("User-agent: *\nDisallow: /a*c*e", "/abcde", False, id="two wildcards"),
        pytest.param("User-agent: *\nDisallow: /a$", "/ab", True, id="only this"),
        pytest.param("User-agent: *\nDisallow: /*?print=", "/a?print=1", False, id="in the query"),
        pytest.param("User-agent: *\nDisallow: /caf%C3%A9", "/café", False, id="encoded rule"),
        pytest.param("User-agent: *\nDisallow: /café", "/caf%c3%a9", False, id="encoded path"),
        pytest.param("User-agent: *\nCrawl-delay: 10\nSitemap: x\nDisallow: /x", "/x", False, id="other lines"),
        pytest.param("<html><body>Not found</body></html>", "/a", True, id="a page instead"),
    ],
)
def test_rules_are_read_as_the_rfc_says(text: str, path: str, allowed: bool) -> None:
    assert parse_robots(text).allow(path) is allowed


def test_hostile_rules_cost_little() -> None:
    pattern = "/" + "*a" * 2000 + "$"
    rules = parse_robots("User-agent: *\n" + f"Disallow: {pattern}\n" * 100)
    assert rules.allow("/" + "a" * 1500 + "b")  # a matcher that goes back would take for ever


async def test_a_site_is_asked_once_for_all_its_pages(web: Web, site: Site) -> None:
    site.serve("/robots.txt", EVERYONE)
    robots = Robots(web)
    assert await robots.allow(site.url("/a"))
    assert await robots.allow(site.url("/b"))
    assert not await robots.allow(site.url("/private/c"))
    assert [asked.path for asked in site.asked] == ["/robots.txt"]


async def test_an_answer_is_kept_for_a_day(web: Web, site: Site) -> None:
    site.serve("/robots.txt", EVERYONE)
    now = 0.0
    robots = Robots(web, clock=lambda: now)
    await robots.allow(site.url("/a"))
    now = 86_000.0
    await robots.allow(site.url("/a"))
    assert len(site.asked) == 1
    now = 86_500.0
    await robots.allow(site.url("/a"))
    assert len(site.asked) == 2


@pytest.mark.parametrize(
    ("status", "allowed"),
    [(404, True), (403, True), (401, True), (410, True), (500, False), (503, False), (429, False)],
)
async def test_a_site_without_rules_allows_all_and_one_in_trouble_nothing(
    web: Web, site: Site, status: int, allowed: bool
) -> None:
    site.serve("/robots.txt", "no", status=status)
    now = 0.0
    robots = Robots(web, clock=lambda: now)
    assert await robots.allow(site.url("/a")) is allowed
    site.serve("/robots.txt", EVERYONE)
    now = 700.0
    assert await robots.allow(site.url("/a"))
    assert len(site.asked) == (1 if allowed else 2)


async def test_a_private_host_is_not_asked(web: Web, site: Site) -> None:
    robots = Robots(web)
    assert await robots.allow("http://10.0.0.1/a")
    assert site.asked == []


async def test_a_forbidden_page_is_not_fetched_and_the_feeds_own_words_serve(
    web: Web, site: Site, workers: Workers
) -> None:
    site.serve("/robots.txt", "User-agent: *\nDisallow: /news/")
    site.serve("/news/a", "<p>Secret words of the page.</p>", headers={"Content-Type": "text/html"})
    words = "<p>The harbour master has closed the lock for repairs until Friday.</p>"
    reader = Reader(web, workers)
    with pytest.raises(PageDisallowed):
        await reader.read_article(site.url("/news/a"), max_chars=400)
    prepared = await reader.read_article(site.url("/news/a"), feed_html=words, title="Lock", max_chars=400)
    assert "lock for repairs" in prepared.text
    assert {asked.path for asked in site.asked} == {"/robots.txt"}


async def test_a_page_that_leads_to_a_forbidden_one_is_not_followed(web: Web, site: Site, workers: Workers) -> None:
    site.serve("/robots.txt", "User-agent: *\nDisallow: /closed/")
    site.serve("/closed/a", "<p>Secret words of the page.</p>", headers={"Content-Type": "text/html"})
    site.redirect("/open/a", site.url("/open/b"))
    site.redirect("/open/b", site.url("/closed/a"))
    reader = Reader(web, workers)
    with pytest.raises(PageDisallowed) as caught:
        await reader.read_article(site.url("/open/a"), max_chars=400)
    assert caught.value.url == site.url("/closed/a")
    words = "<p>The harbour master has closed the lock for repairs until Friday.</p>"
    prepared = await reader.read_article(site.url("/open/a"), feed_html=words, title="Lock", max_chars=400)
    assert "lock for repairs" in prepared.text
    asked = [each.path for each in site.asked]
    assert asked == ["/robots.txt", "/open/a", "/open/b", "/open/a", "/open/b"], (
        "once for its rules, never for the page"
    )
