"""How an outlet is named and linked: never by a host that is not the link's own."""

from __future__ import annotations

import re
from typing import Final

from bot.messages.direction import isolate_in
from bot.messages.html import Html, escape, host_of, is_blank, link, one_line, without_summons
from bot.messages.shortening import cut

_MAX_NAME_CHARS: Final = 40
_HOST: Final = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}", re.IGNORECASE)


def outlet_name(site: str, url: str | None) -> str:
    """Name an outlet: by its own name, or by its host where it has none or claims another's; empty where unknown."""
    host = host_of(url or "")
    name = one_line(site)
    if is_blank(name) or (host and not _is_truthful(name, host)):
        return host
    return cut(without_summons(name), _MAX_NAME_CHARS)


def outlet_link(site: str, url: str | None, address: str | None = None, *, right_to_left: bool = False) -> Html:
    """Link an outlet's name to an article, or to ``address`` within it; without an address, only name it."""
    name = isolate_in(escape(outlet_name(site, url)), right_to_left=right_to_left)
    return link(address or url, Html(name))


def _is_truthful(name: str, host: str) -> bool:
    return all(
        host == claimed or host.endswith(f".{claimed}")
        for claimed in (match[0].lower().removeprefix("www.") for match in _HOST.finditer(name))
    )
