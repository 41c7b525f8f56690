"""Who wrote a page: names in JSON-LD, in meta tags, and in the lines under headlines."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from lxml import etree

from bot.news.pages.block_marks import marks_of
from bot.news.pages.json_ld import names
from bot.news.parsing.markup import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    import lxml.html

_LONGEST_NAME_CHARS: Final = 80
_LONGEST_LINE_CHARS: Final = 120
_MOST_NAMES: Final = 8
_BY: Final = re.compile(
    r"^\s*(?:(?:written\s|words\s|story\s|text\s|ein\sbeitrag\s|publié\s|escrito\s)?(?:by|von|vom|par|por|di|da|door|av|af|"
    r"przez|autor(?:e|in|a)?|auteur|penulis|oleh|автор|текст|text|tekst|作者|記者|记者|文))\b[:：/\s]+",
    re.IGNORECASE,
)
_NOT_A_NAME: Final = re.compile(
    r"https?://|www\.|@|\d{3}|[|<>{}=]|^\W*(?:image|photo|picture|foto|bild)s?\W*:|"
    r"^(?:admin|administrator|editors?|staff|redaktion|redaction|redazione|unknown|null|none|"
    r"author|authors|autor|autoren|more|share|follow|about|guest|anonymous|user|developer)$|\bdeveloper$",
    re.IGNORECASE,
)
_META: Final = (
    "author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl",
    "cxenseparse:author", "creator", "citation_author", "twitter:misc:written by",
)  # fmt: skip
_META_NAMED: Final = re.compile(r"authors?(?:[_-]?names?)?$")
_LABEL: Final = re.compile(
    r"written by|author|autor|verfasst|geschrieben|escrit|écrit|scritto|автор|skrevet", re.IGNORECASE
)
_BYLINE: Final = re.compile(
    r"(?:^|[\s_-])(?:author|authors|byline|by-line|autor|autore|autori|auteur|auteurs|writer|reporter|journalist|authorname|"
    r"authorline|author-?name|author-?list|penulis)(?:$|[\s_-]|[A-Z0-9])|(?:[Aa]uthor|[Bb]yline)(?:[Nn]ame|[Ll]ist|[Ll]ine)"
)
_ELSEWHERE: Final = re.compile(
    r"comment|related|recommend|sidebar|teaser|footer|most-?read|popular|trending|\bnav|menu|newsletter|widget|bio\b",
    re.IGNORECASE,
)
_CREDIT: Final = re.compile(r"[(（]?\s*(?:责任?编辑?|責任編輯|作者|撰文|文)\s*[:：/／]\s*([^()（）:：\d\s]{2,30})")
_AND: Final = re.compile(r"\s*(?:[;、·•]|\s(?:and|und|et|y|e|og|och|and|и|та|en|dan)\s|\s/\s|\|)\s*")
_MOST_ELEMENTS: Final = 20_000
_STATED: Final = tuple(
    map(
        etree.XPath,
        ('//*[@itemprop="author"]//*[@itemprop="name"]', '//*[@itemprop="author"]', '//*[@rel="author"]'),
    )
)


def find_authors(
    root: lxml.html.HtmlElement, node: Mapping[str, Any], meta: Iterable[tuple[str, str]], publishers: Iterable[str]
) -> list[str]:
    """Name the persons who wrote a page; its publisher only where no person is named.

    Args:
        root: the parsed page.
        node: the article in its JSON-LD; empty without one.
        meta: its meta tags, keys in lower case, in order.
        publishers: names of the site, which many pages give for an author's.
    """
    ours = {_plain(name) for name in publishers} - {""}
    weak: list[str] = []
    for read in (
        lambda: names(node.get("author")) or names(node.get("creator")),
        lambda: _stated(list(meta)),
        lambda: _marked(root),
        lambda: _credited(root),
    ):
        found = _people(read())
        persons = [name for name in found if not _is_publisher(_plain(name), ours)]
        if persons:
            return [name for name in persons if not _is_slug(name, persons)][:_MOST_NAMES]
        weak = weak or found
    return weak[:1]


def _people(stated: Iterable[str]) -> list[str]:
    people = (_name(name) for name in stated)
    return list(dict.fromkeys(name for name in people if name))


def _name(stated: str) -> str:
    """Clean a name; empty where it is none."""
    name = _BY.sub("", one_line(html.unescape(stated))).strip(" ,:;-–—·•")
    if len(name) > _LONGEST_NAME_CHARS:
        name = name.partition(",")[0]  # what follows is an office
    return name if 1 < len(name) <= _LONGEST_NAME_CHARS and not _NOT_A_NAME.search(name) else ""


def _is_slug(name: str, others: list[str]) -> bool:
    """Tell a name as addresses write it ("ada-quill") where it also stands as people do."""
    return "-" in name and name.islower() and any(_plain(name) == _plain(one) for one in others if one != name)


def _is_publisher(name: str, publishers: set[str]) -> bool:
    return not name or any(name == one or (len(name) > 3 and one.startswith(name)) for one in publishers)


def _stated(meta: list[tuple[str, str]]) -> Iterator[str]:
    """Yield what meta tags say, the usual ones first."""
    for key, value in meta:
        if key in _META:
            yield from _AND.split(value) if len(value) > 40 else [value]
    told = dict(meta)
    for key, value in meta:
        if key.startswith("twitter:label") and _LABEL.search(value):
            yield told.get(key.replace("label", "data"), "")
    for key, value in meta:
        if key not in _META and _META_NAMED.search(key):
            yield value


def _marked(root: lxml.html.HtmlElement) -> list[str]:
    """Read the names in the first elements that call themselves an author's, outside of other articles' teasers."""
    for path in _STATED:
        if people := _people(element.get("content") or element.text_content() for element in path(root)[:_MOST_NAMES]):
            return people
    for element in islice(root.iter("*"), _MOST_ELEMENTS):
        label = element.get("class") or element.get("id")
        if label and _is_byline(label) and not _is_elsewhere(element):
            line = one_line(element.text_content())
            if 1 < len(line) <= _LONGEST_LINE_CHARS and (people := _in_byline(element, line)):
                return people
    return []


@lru_cache(maxsize=8192)
def _is_byline(label: str) -> bool:
    return _BYLINE.search(label[:300]) is not None


def _in_byline(element: etree._Element, line: str) -> list[str]:
    links = [one_line(link.text_content()) for link in element.iter("a")]
    people = [name for name in _people(links) if _looks_personal(name)]
    if people:
        return people
    # Dates, places and offices come after the name.
    head = re.split(r"\s*(?:[|•·]|\d)", _BY.sub("", line), maxsplit=1)[0]
    return [
        name for name in _people(part for one in _AND.split(head) for part in one.split(",")) if _looks_personal(name)
    ]


def _looks_personal(name: str) -> bool:
    """Tell a name from a sentence or a label: up to five words, most with a capital where the script has them."""
    words = name.split()
    if not 1 <= len(words) <= 5 or len(name) > 50:
        return False
    cased = [word for word in words if word[0].lower() != word[0].upper()]
    return sum(word[0].isupper() for word in cased) * 2 > len(cased) if cased else len(name) <= 12


def _is_elsewhere(element: etree._Element) -> bool:
    at: etree._Element | None = element
    while at is not None and at.tag not in {"body", "html"}:
        if at.tag in {"footer", "aside", "nav"} or _ELSEWHERE.search(f"{at.get('class') or ''} {at.get('id') or ''}"):
            return True
        at = at.getparent()
    return False


def _credited(root: lxml.html.HtmlElement) -> list[str]:
    """Read a short line that says who wrote, or who edited, where nothing is marked up."""
    for element in islice(root.iter("p", "div", "span", "h5", "h6", "li"), _MOST_ELEMENTS):
        text = one_line(element.text or "")
        if not 3 < len(text) <= _LONGEST_NAME_CHARS:
            continue
        if (credit := _CREDIT.match(text)) is not None:
            return [part for part in _AND.split(credit.group(1)) if part]
        if _BY.match(text) and text[0].isupper() and not marks_of(element).clutter:
            head = _BY.sub("", text).partition(",")[0]
            people = [name for name in _people(_AND.split(head)) if _looks_personal(name)]
            if people and len(people) == len(_AND.split(head)):
                return people
    return []


def _plain(text: str) -> str:
    return "".join(char for char in html.unescape(text).casefold() if char.isalnum())
