"""Sites whose feeds are known by an address's form alone: channels, accounts, repositories, newsletters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from urllib.parse import SplitResult

_NAME: Final = r"[\w.%~+-]{1,100}"
_HANDLE: Final = re.compile(r"^@([\w.-]{1,64})@([\w-]+(?:\.[\w-]+)+)$")
_CHANNEL: Final = re.compile(rb'"(?:externalId|channelId)"\s{0,3}:\s{0,3}"(UC[\w-]{22})"|/channel/(UC[\w-]{22})"')
_PAGE_BYTES: Final = 3_000_000


class KnownFeed(NamedTuple):
    """A feed that a site keeps at a known place.

    Attributes:
        url: Its address.
        title: What is in it, where the address says so; else empty.
        sure: Whether the page itself need not be asked.
    """

    url: str
    title: str = ""
    sure: bool = False


def known_feeds(url: str) -> list[KnownFeed]:
    """Name the feeds that a site of a well-known kind keeps for an address; none for other sites.

    Args:
        url: As a person gave it.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower().removeprefix("www.").removeprefix("m.")
    except ValueError:
        return []
    find = _BY_HOST.get(host) or _BY_SUFFIX.get(host.partition(".")[2])
    if find is not None:
        return find(parts)
    return _mastodon(parts)


def handle_address(text: str) -> str:
    """Make the address of an account that is written ``@name@host``, as in the Fediverse; empty for anything else."""
    found = _HANDLE.match(text.strip())
    return f"https://{found[2].lower()}/@{found[1]}" if found else ""


def youtube_feed(html: bytes) -> str:
    """Find the feed of the channel that a page of YouTube's belongs to; empty where it names none."""
    found = _CHANNEL.search(html[:_PAGE_BYTES])
    channel = (found[1] or found[2]).decode("ascii") if found else ""
    return f"{_YOUTUBE}?channel_id={channel}" if channel else ""


def is_youtube(url: str) -> bool:
    """Tell an address of YouTube's."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host == "youtu.be" or host.endswith("youtube.com")


_YOUTUBE: Final = "https://www.youtube.com/feeds/videos.xml"


def _youtube(parts: SplitResult) -> list[KnownFeed]:
    query = parse_qs(parts.query)
    playlist = query.get("list", [""])[0]
    if parts.path == "/playlist" and playlist:
        return [KnownFeed(f"{_YOUTUBE}?playlist_id={playlist}", sure=True)]
    found = re.match(r"^/channel/(UC[\w-]{22})", parts.path)
    if found:
        return [KnownFeed(f"{_YOUTUBE}?channel_id={found[1]}", sure=True)]
    found = re.match(rf"^/user/({_NAME})", parts.path)
    return [KnownFeed(f"{_YOUTUBE}?user={found[1]}", sure=True)] if found else []


def _reddit(parts: SplitResult) -> list[KnownFeed]:
    found = re.match(rf"^/((?:r|u|user)/{_NAME}(?:/(?:new|top|hot|rising))?)/?$", parts.path)
    if found:
        place = re.sub(r"^u/", "user/", found[1])
        return [KnownFeed(f"https://www.reddit.com/{place}/.rss", found[1], sure=True)]
    found = re.match(rf"^/(r/{_NAME}/comments/{_NAME})", parts.path)
    if found:
        subreddit = "/".join(found[1].split("/")[:2])
        return [KnownFeed(f"https://www.reddit.com/{subreddit}/.rss", subreddit, sure=True)]
    return [KnownFeed("https://www.reddit.com/.rss", sure=True)] if parts.path in {"", "/"} else []


def _github(parts: SplitResult) -> list[KnownFeed]:
    found = re.match(rf"^/({_NAME})/({_NAME}?)(?:\.git)?(?:/(.*))?$", parts.path)
    if found and found[1] not in _GITHUB_OWN:
        repository, rest = f"{found[1]}/{found[2]}", found[3] or ""
        root = f"https://github.com/{repository}"
        releases = KnownFeed(f"{root}/releases.atom", f"{repository}: releases", sure=True)
        commits = KnownFeed(f"{root}/commits.atom", f"{repository}: commits", sure=True)
        tags = KnownFeed(f"{root}/tags.atom", f"{repository}: tags", sure=True)
        if rest.startswith("tags"):
            return [tags]
        if rest.startswith("releases"):
            return [releases]
        return [commits] if rest.startswith("commits") else [releases, commits, tags]
    found = re.match(rf"^/({_NAME})/?$", parts.path)
    if found and found[1] not in _GITHUB_OWN:
        return [KnownFeed(f"https://github.com/{found[1]}.atom", found[1], sure=True)]
    return []


_GITHUB_OWN: Final = frozenset(
    {
        "about",
        "apps",
        "collections",
        "customer-stories",
        "enterprise",
        "explore",
        "features",
        "login",
        "marketplace",
        "notifications",
        "orgs",
        "pricing",
        "search",
        "security",
        "settings",
        "sponsors",
        "topics",
        "trending",
    }
)


def _gitlab(parts: SplitResult) -> list[KnownFeed]:
    found = re.match(rf"^/({_NAME}(?:/{_NAME}){{1,5}}?)(?:/-/.*)?/?$", parts.path)
    if not found:
        return []
    return [KnownFeed(f"https://{parts.hostname}/{found[1]}/-/tags?format=atom", f"{found[1]}: tags")]


def _bluesky(parts: SplitResult) -> list[KnownFeed]:
    found = re.match(r"^/profile/([\w.:-]{3,100})", parts.path)
    return [KnownFeed(f"https://bsky.app/profile/{found[1]}/rss", f"@{found[1]}", sure=True)] if found else []


def _telegram(parts: SplitResult) -> list[KnownFeed]:
    found = re.match(r"^/(?:s/)?([A-Za-z]\w{3,31})(?:/\d+)?/?$", parts.path)
    if not found or found[1].lower() in {"joinchat", "addstickers", "share", "proxy", "socks", "login", "iv"}:
        return []
    return [KnownFeed(f"https://t.me/s/{found[1]}", sure=True)]


def _substack(parts: SplitResult) -> list[KnownFeed]:
    return [KnownFeed(f"https://{parts.hostname}/feed", sure=True)]


def _medium(parts: SplitResult) -> list[KnownFeed]:
    if parts.hostname not in {"medium.com", "www.medium.com"}:
        return [KnownFeed(f"https://{parts.hostname}/feed", sure=True)]
    found = re.match(rf"^/(@?{_NAME})", parts.path)
    return [KnownFeed(f"https://medium.com/feed/{found[1]}", found[1], sure=True)] if found else []


def _slash_feed(parts: SplitResult) -> list[KnownFeed]:
    return [KnownFeed(f"https://{parts.hostname}/feed/", sure=True)]


def _blogger(parts: SplitResult) -> list[KnownFeed]:
    return [KnownFeed(f"https://{parts.hostname}/feeds/posts/default", sure=True)]


def _slash_rss(parts: SplitResult) -> list[KnownFeed]:
    return [KnownFeed(f"https://{parts.hostname}/rss", sure=True)]


def _vimeo(parts: SplitResult) -> list[KnownFeed]:
    found = re.match(rf"^/(?!\d+/?$)({_NAME})/?$", parts.path)
    return [KnownFeed(f"https://vimeo.com/{found[1]}/videos/rss", found[1])] if found else []


def _arxiv(parts: SplitResult) -> list[KnownFeed]:
    found = re.match(r"^/list/([\w.-]{2,30})", parts.path)
    return [KnownFeed(f"https://rss.arxiv.org/rss/{found[1]}", found[1], sure=True)] if found else []


def _mastodon(parts: SplitResult) -> list[KnownFeed]:
    """Any host may be an instance of Mastodon: its accounts are known by the @ that begins their path."""
    found = re.match(r"^/(@[\w.-]{1,64})(?:/\d+)?/?$", parts.path)
    if not found:
        return []
    return [KnownFeed(f"{parts.scheme or 'https'}://{parts.netloc.rpartition('@')[2]}/{found[1]}.rss", found[1])]


_BY_HOST: Final[Mapping[str, Callable[[SplitResult], list[KnownFeed]]]] = {
    "youtube.com": _youtube,
    "reddit.com": _reddit,
    "old.reddit.com": _reddit,
    "new.reddit.com": _reddit,
    "github.com": _github,
    "gitlab.com": _gitlab,
    "bsky.app": _bluesky,
    "t.me": _telegram,
    "telegram.me": _telegram,
    "medium.com": _medium,
    "vimeo.com": _vimeo,
    "arxiv.org": _arxiv,
}
_BY_SUFFIX: Final[Mapping[str, Callable[[SplitResult], list[KnownFeed]]]] = {
    "substack.com": _substack,
    "medium.com": _medium,
    "wordpress.com": _slash_feed,
    "ghost.io": _slash_rss,
    "tumblr.com": _slash_rss,
    "blogspot.com": _blogger,
}
