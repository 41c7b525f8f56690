"""Links inside documents, resolved."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

_LONGEST_CHARS = 4096
# What needs no parser to be known as an address: a plain name, no port, no user, no brackets.
_USUAL = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?:[/?#]\S*)?")
_PLAIN = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(?:[/?#]|$)", re.IGNORECASE)


def resolve(base: str, link: str) -> str:
    """Return a link as an absolute address of the web that `urlsplit` can read; empty where it is none.

    Args:
        base: the absolute address it is relative to.
        link: as written, white space and all.
    """
    if len(link) <= _LONGEST_CHARS and _USUAL.fullmatch(link):
        return link
    link = link.strip()
    if not link or len(link) > _LONGEST_CHARS:
        return ""
    if any(char in link for char in "\n\r\t"):  # as browsers do (WHATWG URL, basic parser)
        link = link.translate({9: None, 10: None, 13: None})
    if not link.startswith(("http://", "https://")):
        try:
            link = urljoin(base, link)
        except ValueError:
            return ""
    return link if _is_address(link) else ""


def _is_address(link: str) -> bool:
    if _PLAIN.match(link):
        return True
    if not link[:8].lower().startswith(("http://", "https://")):
        return False
    try:
        parts = urlsplit(link)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is no number, look-alikes of separators
        return False
