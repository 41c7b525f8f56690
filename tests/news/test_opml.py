"""Lists of feeds: read in whatever state, written so that nothing of them is lost."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news.feeds.opml import (
    MOST_ENTRIES,
    ListTooLongError,
    NotAListError,
    join_folder,
    looks_like_list,
    read_addresses,
    read_list,
    split_folder,
    write_list,
)
from bot.news.web.guard import Guard
from storage.model import SUMMARY_LENGTHS, ListedFeed, SubscriptionMode

GUARD = Guard()
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def outlines(*attributes: str) -> bytes:
    body = "".join(f"<outline {each}/>" for each in attributes)
    return f'<?xml version="1.0"?><opml version="1.0"><head/><body>{body}</body></opml>'.encode()


def test_feeds_come_with_title_site_and_folder() -> None:
    body = (
        b'<opml version="2.0"><body><outline text="News"><outline title="Coast"><outline type="rss" text="Tidewatch" '
        b'xmlUrl="https://tidewatch.example/feed" htmlUrl="https://tidewatch.example/"/></outline></outline>'
        b'<outline text="Weirpost" xmlUrl="https://weirpost.example/rss"/></body></opml>'
    )
    tide, weir = read_list(body, GUARD).entries
    assert (tide.url, tide.title, tide.site_url, tide.folder) == (
        "https://tidewatch.example/feed",
        "Tidewatch",
        "https://tidewatch.example/",
        "News/Coast",
    )
    assert (weir.url, weir.folder) == ("https://weirpost.example/rss", "")


@pytest.mark.parametrize(
    ("attribute", "url"),
    [
        ("xmlUrl='https://a.example/f?x=1&y=2'", "https://a.example/f?x=1&y=2"),
        ("xmlUrl='https://a.example/f?x=1&amp;y=2'", "https://a.example/f?x=1&y=2"),
        ("xmlUrl='https://a.example/f?a=1&copy=2&lang=3'", "https://a.example/f?a=1&copy=2&lang=3"),
        ("XMLURL='https://a.example/f'", "https://a.example/f"),
        ("xmlurl='  https://a.example/f\n'", "https://a.example/f"),
        ("xmlUrl='feed://a.example/f'", "http://a.example/f"),
        ("xmlUrl='feed:https://a.example/f'", "https://a.example/f"),
        ("xmlUrl='a.example/f'", "https://a.example/f"),
    ],
)
def test_an_address_is_read_in_every_spelling(attribute: str, url: str) -> None:
    assert [entry.url for entry in read_list(outlines(attribute), GUARD).entries] == [url]


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "koi8-u", "utf-16"])
def test_a_list_is_read_in_its_own_encoding(encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><opml version="1.0"><body>'
        '<outline text="Вісті & сміх" xmlUrl="https://visti.example/rss"/></body></opml>'
    )
    assert [entry.title for entry in read_list(text.encode(encoding), GUARD).entries] == ["Вісті & сміх"]


def test_what_is_no_public_address_is_named_and_left_out() -> None:
    found = read_list(
        outlines(
            'text="Router" xmlUrl="http://192.168.1.1/feed"',
            'text="Mail" xmlUrl="mailto:me@a.example"',
            'text="Empty" xmlUrl=""',
            'xmlUrl="http://[broken"',
            'text="Good" xmlUrl="https://good.example/feed"',
        ),
        GUARD,
    )
    assert [entry.title for entry in found.entries] == ["Good"]
    assert sorted(found.invalid) == ["Empty", "Mail", "Router", "http://[broken"]
    assert found.invalid_count == 4


def test_an_address_that_stands_twice_is_one_feed() -> None:
    twice = outlines('xmlUrl="https://a.example/f"', 'xmlUrl="http://a.example/f"', 'xmlUrl="https://a.example/f"')
    found = read_list(twice, GUARD)
    assert (len(found.entries), found.repeated) == (1, 2)


def test_an_address_with_a_key_in_it_is_private() -> None:
    [entry] = read_list(outlines('text="Paid" xmlUrl="https://a.example/f?key=4fK2x91QpLmZ77"'), GUARD).entries
    assert entry.private


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00\x01\x02" * 50, b"hello", b"<html><body><p>hello</p></body></html>", b"%PDF-1.7 ...", b"{}"],
    ids=["empty", "bytes", "text", "page", "pdf", "json"],
)
def test_what_is_no_list_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(NotAListError):
        read_list(body, GUARD)


def test_a_list_cut_off_in_the_middle_gives_what_came_before() -> None:
    whole = outlines(*(f'text="P{n}" xmlUrl="https://p{n}.example/f"' for n in range(50)))
    found = read_list(whole[: len(whole) // 2], GUARD)
    assert 20 <= len(found.entries) <= 26


def test_ten_thousand_feeds_are_read_and_one_more_is_too_many() -> None:
    """FAULTS 51: an input without bounds meets a limit with a message."""
    body = outlines(*(f'text="P{n}" xmlUrl="https://p{n}.example/f"' for n in range(MOST_ENTRIES)))
    started = time.process_time()
    assert len(read_list(body, GUARD).entries) == MOST_ENTRIES
    assert time.process_time() - started < 20
    with pytest.raises(ListTooLongError) as refused:
        read_addresses(" ".join(f"p{n}.example/f" for n in range(MOST_ENTRIES + 1)), GUARD)
    assert refused.value.count == MOST_ENTRIES + 1


@pytest.mark.parametrize("body", [b"<opml>" + b"<outline text='a'>" * 20_000, b"<opml>" * 20_000], ids=["deep", "opml"])
def test_a_hostile_list_costs_little(body: bytes) -> None:
    started = time.process_time()
    with contextlib.suppress(NotAListError):
        assert not read_list(body, GUARD).entries
    assert time.process_time() - started < 10


def test_pasted_addresses_are_a_list() -> None:
    found = read_addresses("a.example/feed\nhttps://b.example/rss, http://10.0.0.1/feed", GUARD)
    assert [entry.url for entry in found.entries] == ["https://a.example/feed", "https://b.example/rss"]
    assert found.invalid == ("http://10.0.0.1/feed",)


def test_a_list_is_known_by_its_beginning() -> None:
    assert looks_like_list(outlines('xmlUrl="https://a.example/f"'))
    assert not looks_like_list(b"<rss version='2.0'><channel/></rss>")


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=20).map(
    lambda name: " ".join(name.split())
)


@given(st.lists(NAMES.filter(bool), max_size=4))
def test_any_names_of_folders_come_back(names: list[str]) -> None:
    assert split_folder(join_folder(names)) == names


@given(
    st.lists(
        st.builds(
            ListedFeed,
            url=st.integers(0, 999).map(lambda n: f"https://p{n}.example/feed?a=1&b={n}"),
            title=NAMES.filter(bool),
            site_url=st.sampled_from(["", "https://p.example/?a=1&b=2"]),
            folder=st.lists(NAMES.filter(bool), max_size=3).map(join_folder),
            mode=st.sampled_from(SubscriptionMode),
            paused=st.booleans(),
            summary_chars=st.sampled_from([None, *SUMMARY_LENGTHS]),
        ),
        max_size=8,
        unique_by=lambda entry: entry.url,
    )
)
def test_what_is_written_comes_back_whole(entries: list[ListedFeed]) -> None:
    """The round trip is lossless: addresses, titles, sites, folders and our own settings."""
    written = write_list(entries, title="Mine & yours", now=NOW)
    if not entries:
        assert read_list(written.encode(), GUARD).entries == ()
        return
    back = {entry.url: entry for entry in read_list(written.encode(), GUARD).entries}
    assert back == {entry.url: entry for entry in entries}
