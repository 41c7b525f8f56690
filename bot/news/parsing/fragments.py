"""HTML fragments as feeds carry them, turned into plain text."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import lxml.html
from lxml import etree

from bot.news.parsing.attributes import thin_out
from bot.news.parsing.markup import CONTROLS, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_CHARS = 2_000_000
_BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "caption",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    }
)
_SILENT = frozenset(
    {
        "audio",
        "button",
        "canvas",
        "embed",
        "figcaption",
        "form",
        "head",
        "iframe",
        "input",
        "link",
        "math",
        "meta",
        "noscript",
        "object",
        "option",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "video",
    }
)
_SPACES = re.compile(r"[ \t\r\f\v\u00a0\u2028\u2029]+")
_ENDED = re.compile(r"[.!?…:;。！？؟۔।][\"'”’»)\]]*$")


def text_of_html(fragment: str) -> str:
    """Return the readable text of an HTML fragment, its paragraphs separated by one line break.

    Args:
        fragment: HTML, or plain text, of any size; what follows two million characters is left.
    """
    if "<" not in fragment:
        return _unwrap(html.unescape(fragment))
    try:
        root = lxml.html.fragment_fromstring(
            CONTROLS.sub("", thin_out(fragment[:_MOST_CHARS])),
            create_parent="div",
            parser=lxml.html.HTMLParser(encoding=None, huge_tree=True),
        )
    except (etree.LxmlError, ValueError):
        return one_line(html.unescape(re.sub(r"<[^<>]{0,2000}>", " ", fragment[:_MOST_CHARS])))
    lines = "".join(_walk(root)).split("\n")
    return "\n".join(line for line in map(one_line, lines) if line)


def _unwrap(text: str) -> str:
    """Join the lines of plain text that was wrapped: a line that ends no sentence goes on in the next."""
    paragraphs: list[str] = []
    is_open = False
    for line in map(one_line, text.splitlines()):
        if line and is_open:
            paragraphs[-1] += f" {line}"
        elif line:
            paragraphs.append(line)
        is_open = bool(line) and not _ENDED.search(line)
    return "\n".join(paragraphs)


def _walk(root: etree._Element) -> Iterator[str]:
    """Yield text in document order with breaks around blocks; without recursion, as nesting is the sender's choice."""
    silent: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in {"comment", "pi"}:
            if silent is None and element.tail:
                yield _SPACES.sub(" ", element.tail.replace("\n", " "))
            continue
        tag = element.tag
        if event == "start":
            if silent is None and tag in _SILENT:
                silent = element
            if silent is None:
                if tag in _BLOCKS:
                    yield "\n"
                if element.text:
                    yield element.text if tag == "pre" else _SPACES.sub(" ", element.text.replace("\n", " "))
            continue
        if silent is element:
            silent = None
        elif silent is None and tag in _BLOCKS:
            yield "\n"
        if silent is None and element is not root and element.tail:
            yield _SPACES.sub(" ", element.tail.replace("\n", " "))
