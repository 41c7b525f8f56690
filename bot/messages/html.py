"""Telegram's HTML: text made harmless, links that are links, lengths as Telegram counts them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

from bot.messages.direction import isolate

__all__ = [
    "Html",
    "count_entities",
    "escape",
    "fragment_url",
    "host_of",
    "is_blank",
    "is_web_address",
    "isolate",
    "link",
    "one_line",
    "utf16_units",
    "visible_text",
    "visible_units",
    "without_controls",
    "without_summons",
]

_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"'}  # the only names that Telegram knows
_REFERENCE: Final = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot));")
_TAG: Final = re.compile(r"<(/?)[a-zA-Z][^<>]*>")

# Line and paragraph separators end a line; the rest of the controls, lone surrogates and bidirectional embeddings,
# overrides and isolates (which could turn our own punctuation and links around) say nothing to a reader.
_SEPARATORS: Final = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")

# What a reader cannot see, although Unicode does not call all of it white space.
_INVISIBLE: Final = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2060-\u206f\u2800\u3164\ufe00-\ufe0f"
    r"\uffa0\U000e0000-\U000e0fff]+"
)
# Telegram makes "@name" a mention that notifies, "/word" a command that a tap sends and "tg://" a link into the app,
# wherever they stand in a text.
_SUMMONS: Final = re.compile(r"((?<![^\W_])[@/](?=[A-Za-z0-9_])|(?:tg|ton|tonsite):(?=//))", re.IGNORECASE)
_WORD_JOINER: Final = "\u2060"

_HOST: Final = re.compile(r"(?:[\w-]+\.)+[\w-]+\.?|[0-9a-f]*:[0-9a-f:.]*")
_MAX_URL_CHARS: Final = 2048
_FRAGMENT_WORDS: Final = 6
_FRAGMENT_CHARS: Final = 120  # scripts without spaces: a sentence of longer "words" gets no fragment
_FRAGMENT_START: Final = "#:~:text="


class Html(str):
    """Text that is Telegram HTML already, so that it is inserted as it stands."""

    __slots__ = ()


def without_controls(text: str) -> str:
    """Strip what is not text: control characters, lone surrogates, bidirectional overrides; tabs and newlines stay."""
    return _CONTROLS.sub("", _SEPARATORS.sub("\n", text))


def one_line(text: str) -> str:
    """Strip controls and fold all white space, for titles and names."""
    return " ".join(without_controls(text).split())


def is_blank(text: str) -> bool:
    """Tell whether nothing of a text can be seen, so that Telegram would call it empty."""
    return not _INVISIBLE.sub("", without_controls(text))


def without_summons(text: str) -> str:
    """Keep ``@name``, ``/word`` and ``tg://`` plain: an invisible word joiner stops Telegram from making them tappable.

    For titles and names, which strangers choose; sentences are promised word for word and stay as they are.
    """
    return _SUMMONS.sub(rf"\1{_WORD_JOINER}", text)


def escape(text: str) -> Html:
    """Turn any text into Telegram HTML that shows it, without controls; what is ``Html`` already stays as it is."""
    return text if isinstance(text, Html) else Html(without_controls(text).translate(_ESCAPES))


def is_web_address(url: str) -> bool:
    """Tell whether an address is one that we link: http or https, no user information, a host that Telegram links.

    Telegram drops links to hosts without a dot, such as ``localhost``.
    """
    try:
        parts = urlsplit(url)
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError:
        return False
    host = parts.hostname or ""
    return (
        parts.scheme in {"http", "https"} and port_is_sound and "@" not in parts.netloc and bool(_HOST.fullmatch(host))
    )


def host_of(url: str) -> str:
    """Name the host of a web address without ``www.``; empty where there is none."""
    return (urlsplit(url).hostname or "").removeprefix("www.") if is_web_address(url) else ""


def link(url: str | None, label: str) -> Html:
    """Link a label to a web address; where the address is no such thing, show the escaped label alone."""
    shown = escape(label)
    address = re.sub(r"[\t\n]", "", without_controls(url or "").strip())  # as browsers do
    if not is_web_address(address) or len(address) > _MAX_URL_CHARS or is_blank(label):
        return shown
    # White space would end the address early; a backslash is a slash to some clients.
    sound = re.sub(r"[\s\\]", lambda match: quote(match[0]), address)
    return Html(f'<a href="{escape(sound)}">{shown}</a>')


def fragment_url(url: str, *sentences: str) -> str:
    """Point an address at sentences of its page by text fragments, each by its first six words.

    The form is that of https://wicg.github.io/scroll-to-text-fragment/; commas and hyphens have a meaning of their own
    there and are encoded too. An address that has a fragment stays as it is; so does one that would become too long.
    """
    if "#" in url:
        return url
    directives: list[str] = []
    room = _MAX_URL_CHARS - len(url) - len(_FRAGMENT_START)
    for sentence in sentences:
        words = " ".join(without_controls(sentence).split()[:_FRAGMENT_WORDS])
        directive = quote(words, safe="").replace("-", "%2D")
        cost = len(directive) + len("&text=")
        if words and len(words) <= _FRAGMENT_CHARS and cost <= room and directive not in directives:
            directives.append(directive)
            room -= cost
    return url + _FRAGMENT_START + "&text=".join(directives) if directives else url


def utf16_units(text: str) -> int:
    """Count a text as Telegram does: in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def visible_text(html: str) -> str:
    """Give what a reader sees of our HTML: tags gone, character references resolved."""
    return _REFERENCE.sub(_resolve, _TAG.sub("", html))


def visible_units(html: str) -> int:
    """Count the UTF-16 units of a message after parsing, as Telegram's limit of 4,096 does."""
    return utf16_units(visible_text(html))


def count_entities(html: str) -> int:
    """Count the entities that a message's tags make, of which Telegram takes 100."""
    return sum(1 for match in _TAG.finditer(html) if not match[1])


def _resolve(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name:
        return _NAMED[name]
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else match[0]
