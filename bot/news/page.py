"""A page's bytes as a tree."""

from __future__ import annotations

import codecs
import re

import lxml.html
from lxml import etree

from bot.news.errors import ArticleError
from bot.news.mending import decode

_META_CHARSET = re.compile(
    rb"""<meta\b[^>]{0,300}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9._:-]{2,40})""", re.IGNORECASE
)
_XML_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,300}\?>")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def parse_page(html: bytes, *, charset: str | None = None) -> lxml.html.HtmlElement:
    """Decode and parse a page.

    Args:
        html: as fetched.
        charset: the server's word; ``None`` leaves it to the page.

    Raises:
        ArticleError: nothing in it is HTML.
    """
    text = decode(html, charset or _stated_charset(html))
    text = _CONTROLS.sub("", _XML_DECLARATION.sub("", text, count=1))
    if not text.strip():
        raise ArticleError("empty page")
    try:
        # The bytes are UTF-8 by now, whatever the page's own tags say.
        root = lxml.html.document_fromstring(
            text.encode(), parser=lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
        )
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ArticleError("not HTML") from error
    return root


def _stated_charset(html: bytes) -> str | None:
    found = _META_CHARSET.search(html[:8192])
    if found is None:
        return None
    label = found.group(1).decode("ascii")
    try:
        codecs.lookup(label)
    except LookupError:
        return None
    return label
