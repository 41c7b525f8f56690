"""Lists of feeds as other readers keep them (http://opml.org/spec2.opml): read in whatever state, written soundly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import quoteattr

import lxml.etree
from listparser import foaf, igoogle, opml, xml_handler

from bot.news.errors import NewsError
from bot.news.parsing.markup import one_line
from bot.news.parsing.mending import decode
from bot.news.web.guard import Guard, Refused
from bot.news.web.secrecy import looks_secret
from storage.model import SUMMARY_LENGTHS, ListedFeed, SubscriptionMode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MOST_ENTRIES: Final = 10_000
_MOST_SHOWN: Final = 20
_LONGEST_NAME_CHARS: Final = 300
_LONGEST_FOLDER_CHARS: Final = 300
_NAMESPACE: Final = "urn:newsgist:opml"
_OUR: Final = "newsgist:"
_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*>")
_IS_LIST: Final = re.compile(r"<(?:\w{1,20}:)?(?:opml|outline)\b", re.IGNORECASE)
_HEAD_CHARS: Final = 4096
_FEED_SCHEME: Final = re.compile(r"^feed:(?://)?(?=https?:)", re.IGNORECASE)
_BARE: Final = re.compile(r"^(?:[\w-]+\.)+[^\W\d_]{2,24}(?::\d{1,5})?(?:[/?]\S*)?$", re.IGNORECASE)
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ADDRESSES: Final = re.compile(r"[^\s,;<>\"]+")
_NAME: Final = re.compile(r"(?:\\.|[^\\/])+", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


class NotAListError(NewsError):
    """The document is no list of feeds."""


class ListTooLongError(NewsError):
    """The list has more feeds than one chat could ever follow.

    Attributes:
        count: How many it has.
    """

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} feeds")
        self.count = count


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList:
    """What a list holds.

    Attributes:
        entries: Its feeds, each address once, in its order.
        invalid: The first few of what is no address that may be read.
        invalid_count: How many those are in all.
        repeated: How many feeds stand in it more than once.
    """

    entries: tuple[ListedFeed, ...]
    invalid: tuple[str, ...] = ()
    invalid_count: int = 0
    repeated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outline:
    """A feed as the document has it."""

    url: str
    title: str
    site_url: str
    folder: str
    settings: Mapping[str, str]


class _Handler(opml.OpmlMixin, foaf.FoafMixin, igoogle.IgoogleMixin, xml_handler.XMLHandler):
    """listparser's reading of OPML, FOAF and iGoogle's lists, with each outline's folder and attributes beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.harvest.update({"bozo": False, "feeds": [], "lists": [], "opportunities": [], "meta": {}, "version": ""})
        self.outlines: list[_Outline] = []
        self.empty: list[str] = []

    def raise_bozo(self, error: object) -> None:
        """Read on after what is not as it should be."""

    def start_opml_outline(self, attrs: dict[str, str]) -> None:
        """Note a feed's folder and settings, which listparser leaves out."""
        title = attrs.get("text", "").strip() or attrs.get("title", "").strip()
        if "xmlurl" in attrs:
            url = attrs["xmlurl"].strip()
            if url:
                folder = join_folder(self.hierarchy) or join_folder(attrs.get("category", "").split(",")[0].split("/"))
                settings = {name.removeprefix(_OUR): text for name, text in attrs.items() if name.startswith(_OUR)}
                site = attrs.get("htmlurl", "").strip()
                self.outlines.append(_Outline(url=url, title=title, site_url=site, folder=folder, settings=settings))
            else:
                self.empty.append(title)
        super().start_opml_outline(attrs)


def looks_like_list(body: bytes) -> bool:
    """Tell whether a document is worth reading as a list of feeds, by its beginning."""
    return _IS_LIST.search(decode(body[:_HEAD_CHARS])) is not None


def read_list(body: bytes, guard: Guard) -> FeedList:
    """Read a list of feeds.

    Args:
        body: The file.
        guard: Says which addresses may be read at all.

    Raises:
        NotAListError: It is something else.
        ListTooLongError: It has more than ``MOST_ENTRIES`` feeds.
    """
    text = _DECLARATION.sub("", _ILLEGAL.sub("", decode(body)))
    handler = _Handler()
    if text.strip():
        parser = lxml.etree.HTMLParser(target=handler, recover=True, encoding="utf-8", no_network=True)
        try:
            lxml.etree.parse(BytesIO(text.encode()), parser)
        except lxml.etree.LxmlError as error:
            raise NotAListError from error
    known = {outline.url for outline in handler.outlines}
    found = handler.outlines + [_from_listparser(each) for each in handler.harvest["feeds"] if each["url"] not in known]
    if not handler.harvest["version"] and not found:
        raise NotAListError
    return _sorted_out(found, guard, handler.empty)


def read_addresses(text: str, guard: Guard) -> FeedList:
    """Read a list of bare addresses, parted by blanks or commas.

    Raises:
        ListTooLongError: There are more than ``MOST_ENTRIES``.
    """
    words = _ADDRESSES.findall(text)
    return _sorted_out([_Outline(url=word, title="", site_url="", folder="", settings={}) for word in words], guard, [])


def _from_listparser(feed: Mapping[str, Any]) -> _Outline:
    folders: Sequence[Sequence[str]] = feed.get("categories") or ((),)
    title, folder = str(feed.get("title") or ""), join_folder(folders[0])
    return _Outline(url=str(feed["url"]), title=title, site_url="", folder=folder, settings={})


def _sorted_out(outlines: Sequence[_Outline], guard: Guard, empty: Sequence[str]) -> FeedList:
    entries: dict[str, ListedFeed] = {}
    invalid, repeated = [title or "?" for title in empty], 0
    for outline in outlines:
        entry = _entry(outline, guard)
        if entry is None:
            invalid.append(outline.title or outline.url)
        elif entry.url.partition(":")[2] in entries:
            repeated += 1
        else:
            entries[entry.url.partition(":")[2]] = entry
    if len(entries) > MOST_ENTRIES:
        raise ListTooLongError(len(entries))
    return FeedList(
        entries=tuple(entries.values()),
        invalid=tuple(one_line(each)[:80] for each in invalid[:_MOST_SHOWN]),
        invalid_count=len(invalid),
        repeated=repeated,
    )


def _entry(outline: _Outline, guard: Guard) -> ListedFeed | None:
    url = _FEED_SCHEME.sub("", outline.url)
    if url.lower().startswith("feed://"):
        url = f"http://{url[7:]}"
    elif _BARE.match(url):
        url = f"https://{url}"
    try:
        guard.check_url(url)
    except Refused:
        return None
    wanted = outline.settings
    length = wanted.get("length", "")
    return ListedFeed(
        url=url,
        title="" if outline.title == outline.url else one_line(outline.title)[:_LONGEST_NAME_CHARS],
        site_url=outline.site_url if outline.site_url.startswith(("http://", "https://")) else "",
        folder=outline.folder[:_LONGEST_FOLDER_CHARS],
        mode=SubscriptionMode.DIGEST if wanted.get("mode") == "digest" else SubscriptionMode.INSTANT,
        paused=wanted.get("paused") == "true",
        summary_chars=int(length) if length in map(str, SUMMARY_LENGTHS) else None,
        private=looks_secret(url),
    )


def write_list(entries: Iterable[ListedFeed], *, title: str, now: datetime) -> str:
    """Write a list of feeds that any reader takes, with our own settings in a namespace of theirs.

    Args:
        entries: The feeds.
        title: Of the list.
        now: When it is written.
    """
    tree = _Folder()
    for entry in entries:
        place = tree
        for name in split_folder(entry.folder):
            place = place.folders.setdefault(name, _Folder())
        place.entries.append(entry)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:newsgist="{_NAMESPACE}">',
        "  <head>",
        f"    <title>{_text(title)}</title>",
        f"    <dateCreated>{format_datetime(now.astimezone(UTC))}</dateCreated>",
        "  </head>",
        "  <body>",
        *_folder_lines(tree, "    "),
        "  </body>",
        "</opml>",
        "",
    ]
    return "\n".join(lines)


class _Folder:
    """A folder with what is in it."""

    def __init__(self) -> None:
        self.folders: dict[str, _Folder] = {}
        self.entries: list[ListedFeed] = []


def _folder_lines(folder: _Folder, indent: str) -> Iterator[str]:
    for name, inner in folder.folders.items():
        yield f"{indent}<outline text={_quoted(name)} title={_quoted(name)}>"
        yield from _folder_lines(inner, f"{indent}  ")
        yield f"{indent}</outline>"
    for entry in folder.entries:
        name = _quoted(entry.title or entry.url)
        facts = {"type": '"rss"', "text": name, "title": name, "xmlUrl": _quoted(entry.url)}
        if entry.site_url:
            facts["htmlUrl"] = _quoted(entry.site_url)
        if entry.mode is not SubscriptionMode.INSTANT:
            facts[f"{_OUR}mode"] = _quoted(entry.mode)
        if entry.paused:
            facts[f"{_OUR}paused"] = '"true"'
        if entry.summary_chars is not None:
            facts[f"{_OUR}length"] = _quoted(str(entry.summary_chars))
        yield f"{indent}<outline {' '.join(f'{key}={value}' for key, value in facts.items())}/>"


def _quoted(text: str) -> str:
    return quoteattr(_ILLEGAL.sub("", text))


def _text(text: str) -> str:
    return _ILLEGAL.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def join_folder(names: Iterable[str]) -> str:
    """Write the names of folders, the outermost first, as one text; a slash in a name is escaped."""
    clean = (one_line(name).strip() for name in names)
    return "/".join(name.replace("\\", "\\\\").replace("/", "\\/") for name in clean if name)


def split_folder(folder: str) -> list[str]:
    """Read what ``join_folder`` wrote."""
    return [_ESCAPED.sub(r"\1", name) for name in _NAME.findall(folder)]
