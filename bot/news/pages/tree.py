"""A page's bytes as a tree."""

from __future__ import annotations

import re

import lxml.html
from lxml import etree

from bot.news.errors import ArticleError
from bot.news.parsing.attributes import thin_out
from bot.news.parsing.encodings import web_codec
from bot.news.parsing.mending import decode

_META_CHARSET = re.compile(
    rb"""<meta\b[^>]{0,300}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9._:-]{2,40})""", re.IGNORECASE
)
_XML_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,300}\?>")
_CONTROLS = bytes([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])


def parse_page(html: bytes, *, charset: str | None = None) -> lxml.html.HtmlElement:
    """Decode and parse a page.

    Args:
        html: as fetched.
        charset: the server's word; ``None`` leaves it to the page.

    Raises:
        ArticleError: nothing in it is HTML.
    """
    text = decode(html, charset or _stated_charset(html))
    text = thin_out(_XML_DECLARATION.sub("", text, count=1))
    cleaned = text.encode("utf-8", "replace").translate(None, _CONTROLS)
    if not cleaned.strip():
        raise ArticleError("empty page")
    try:
        # The bytes are UTF-8 by now, whatever the page's own tags say.
        root = lxml.html.document_fromstring(cleaned, parser=_parser())
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ArticleError("not HTML") from error
    return root


def _parser() -> etree.HTMLParser:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    # One class for all elements: lxml.html's own choice by tag costs a call in Python for each.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement))
    return parser


def _stated_charset(html: bytes) -> str | None:
    found = _META_CHARSET.search(html[:8192])
    if found is None:
        return None
    label = found.group(1).decode("ascii")
    return label if web_codec(label) is not None else None
