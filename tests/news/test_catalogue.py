"""The feeds that are known beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from bot.messages.speech import SUPPORTED
from bot.news.finding.catalogue import (
    LISTED,
    TOPICS,
    Catalogue,
    CatalogueError,
    key_of_address,
    load_catalogue,
    read_catalogue,
)
from bot.news.web.secrecy import looks_secret

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load_catalogue()


def addresses() -> list[str]:
    _, _, rows = (LISTED / "feeds.txt").read_text(encoding="utf-8").partition("\n\n")
    return [row.partition("\t")[0] for row in rows.splitlines()]


def test_shipped_list_is_small_and_its_addresses_are_public_and_listed_once() -> None:
    urls = addresses()
    assert len(urls) > 9_000
    assert sum(file.stat().st_size for file in LISTED.iterdir() if file.is_file()) <= 1_000_000
    assert all(urlsplit(url).scheme in {"http", "https"} and "." in (urlsplit(url).hostname or "") for url in urls)
    assert not [url for url in urls if looks_secret(url)]
    assert len({key_of_address(url) for url in urls}) == len(urls)


def test_each_suggestion_stands_in_the_list_and_each_language_with_suggestions_is_spoken_or_will_be(
    shipped: Catalogue,
) -> None:
    known = set(addresses())
    for lang in ("en", "uk", "de", "fr", "es", "ru", "pl", "pt", "it", "tr", "ar"):
        assert len(shipped.topics(lang)) >= 4, lang
        for topic in shipped.topics(lang):
            assert {each.url for each in shipped.suggest(topic, lang)} <= known
    assert set(shipped.topics(SUPPORTED[0])) == set(TOPICS)


@pytest.mark.parametrize(
    ("words", "lang", "first"),
    [
        pytest.param("climate", "en", "www.carbonbrief.org", id="a subject"),
        pytest.param("клімат", "uk", "www.carbonbrief.org", id="a subject in the reader's language"),
        pytest.param("Tagesschau", "de", "www.tagesschau.de", id="a site's name"),
        pytest.param("formula 1", "en", "feeds.bbci.co.uk", id="several words"),
    ],
)
def test_search_finds_by(shipped: Catalogue, words: str, lang: str, first: str) -> None:
    found = shipped.search(words, lang)
    assert 0 < len(found) <= 8
    assert first in {urlsplit(each.url).hostname for each in found}
    assert len({urlsplit(each.url).hostname for each in found}) == len(found)


@pytest.mark.parametrize("words", ["", "  ", "zxqv", "climate zxqv"], ids=["nothing", "blanks", "no word", "half"])
def test_search_finds_nothing_for(shipped: Catalogue, words: str) -> None:
    assert shipped.search(words, "en") == []


def test_operators_own_list_replaces_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "feeds.tsv"
    path.write_text("# ours\n\nlocal\ten\thttps://tidewatch.example/feed\tTidewatch\n", encoding="utf-8")
    own = read_catalogue(path)
    assert own.topics("en") == ("local",)
    assert [each.title for each in own.search("tidewatch", "en")] == ["Tidewatch"]
    assert [each.url for each in own.search("local", "uk")] == ["https://tidewatch.example/feed"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("local\ten\thttps://tidewatch.example/feed", "line 1: wants topic, language, address and title"),
        ("local\ten\ttidewatch.example\tTidewatch", "line 1: wants"),
        ("gossip\ten\thttps://tidewatch.example/feed\tTidewatch", "'gossip' is none of world, politics"),
    ],
    ids=["no title", "no address", "no topic"],
)
def test_operators_list_with_a_fault_is_refused(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "feeds.tsv"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(CatalogueError, match=told):
        read_catalogue(path)
