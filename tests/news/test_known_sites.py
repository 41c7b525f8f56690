"""Channels, accounts and repositories whose feeds an address alone gives away."""

from __future__ import annotations

import pytest

from bot.news.finding.known_sites import handle_address, known_feeds, youtube_feed

CHANNEL = "UCabcdefghijklmnopqrstuv"
VIDEOS = "https://www.youtube.com/feeds/videos.xml"


@pytest.mark.parametrize(
    ("url", "feed"),
    [
        (f"https://www.youtube.com/channel/{CHANNEL}", f"{VIDEOS}?channel_id={CHANNEL}"),
        (f"https://m.youtube.com/channel/{CHANNEL}/videos", f"{VIDEOS}?channel_id={CHANNEL}"),
        ("https://www.youtube.com/playlist?list=PL123_x", f"{VIDEOS}?playlist_id=PL123_x"),
        ("https://youtube.com/user/tidewatch", f"{VIDEOS}?user=tidewatch"),
        ("https://mastodon.example/@tidewatch", "https://mastodon.example/@tidewatch.rss"),
        ("https://mastodon.example/@tidewatch/110123", "https://mastodon.example/@tidewatch.rss"),
        ("https://bsky.app/profile/tidewatch.example", "https://bsky.app/profile/tidewatch.example/rss"),
        ("https://bsky.app/profile/did:plc:abc123/post/3k", "https://bsky.app/profile/did:plc:abc123/rss"),
        ("https://www.reddit.com/r/worldnews/", "https://www.reddit.com/r/worldnews/.rss"),
        ("https://old.reddit.com/r/worldnews/top", "https://www.reddit.com/r/worldnews/top/.rss"),
        ("https://reddit.com/u/tidewatch", "https://www.reddit.com/user/tidewatch/.rss"),
        ("https://www.reddit.com/r/news/comments/abc/title/", "https://www.reddit.com/r/news/.rss"),
        ("https://github.com/tide/watch", "https://github.com/tide/watch/releases.atom"),
        ("https://github.com/tide/watch/releases", "https://github.com/tide/watch/releases.atom"),
        ("https://github.com/tide/watch/tags", "https://github.com/tide/watch/tags.atom"),
        ("https://github.com/tide/watch/commits/main", "https://github.com/tide/watch/commits.atom"),
        ("https://github.com/tide/watch.git", "https://github.com/tide/watch/releases.atom"),
        ("https://github.com/tide", "https://github.com/tide.atom"),
        ("https://gitlab.com/tide/deep/watch", "https://gitlab.com/tide/deep/watch/-/tags?format=atom"),
        ("https://tidewatch.substack.com/p/an-issue", "https://tidewatch.substack.com/feed"),
        ("https://medium.com/@tidewatch/a-post-123", "https://medium.com/feed/@tidewatch"),
        ("https://tidewatch.medium.com/a-post", "https://tidewatch.medium.com/feed"),
        ("https://tidewatch.wordpress.com/2026/05/a-post/", "https://tidewatch.wordpress.com/feed/"),
        ("https://tidewatch.blogspot.com/", "https://tidewatch.blogspot.com/feeds/posts/default"),
        ("https://tidewatch.tumblr.com/post/1", "https://tidewatch.tumblr.com/rss"),
        ("https://t.me/tidewatch", "https://t.me/s/tidewatch"),
        ("https://t.me/s/tidewatch", "https://t.me/s/tidewatch"),
        ("https://t.me/tidewatch/4711", "https://t.me/s/tidewatch"),
        ("https://vimeo.com/tidewatch", "https://vimeo.com/tidewatch/videos/rss"),
        ("https://arxiv.org/list/cs.CL/recent", "https://rss.arxiv.org/rss/cs.CL"),
    ],
)
def test_the_feed_of_a_well_known_kind_of_site_is_known_by_its_address(url: str, feed: str) -> None:
    assert known_feeds(url)[0].url == feed


@pytest.mark.parametrize(
    "url",
    [
        "https://tidewatch.example/",
        "https://tidewatch.example/news/1",
        "https://github.com/features/actions",
        "https://github.com/",
        "https://t.me/joinchat/abc",
        "https://t.me/+invitation",
        "https://vimeo.com/12345",
        "https://notyoutube.example/channel/x",
        "https://reddit.com.evil.example/r/news",
        "http://[broken",
        "",
    ],
)
def test_other_addresses_are_no_known_sites(url: str) -> None:
    assert known_feeds(url) == []


def test_a_channels_page_names_its_feed() -> None:
    assert youtube_feed(f'<script>{{"externalId":"{CHANNEL}"}}</script>'.encode()) == f"{VIDEOS}?channel_id={CHANNEL}"
    assert youtube_feed(f'<link href="/channel/{CHANNEL}">'.encode()) == f"{VIDEOS}?channel_id={CHANNEL}"
    assert not youtube_feed(b"<html>nothing</html>")


def test_an_account_may_be_written_as_in_the_fediverse() -> None:
    assert handle_address("@tidewatch@Mastodon.example") == "https://mastodon.example/@tidewatch"
    assert not handle_address("@tidewatch")
    assert not handle_address("me@mastodon.example")
