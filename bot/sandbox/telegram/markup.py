"""Telegram's HTML entity parser: what it accepts, and its exact words where it does not.

It follows the behaviour of TDLib's ``parse_html`` and of https://core.telegram.org/bots/api#html-style:
offsets in its complaints are bytes of the UTF-8 text, offsets of its entities are UTF-16 units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.sandbox.telegram.entities import Entity, EntityKind, Formatted, in_order, utf16_length
from bot.sandbox.telegram.errors import ApiError, bad_request

_KINDS = {
    "b": EntityKind.BOLD,
    "strong": EntityKind.BOLD,
    "i": EntityKind.ITALIC,
    "em": EntityKind.ITALIC,
    "u": EntityKind.UNDERLINE,
    "ins": EntityKind.UNDERLINE,
    "s": EntityKind.STRIKETHROUGH,
    "strike": EntityKind.STRIKETHROUGH,
    "del": EntityKind.STRIKETHROUGH,
    "tg-spoiler": EntityKind.SPOILER,
    "span": EntityKind.SPOILER,
    "code": EntityKind.CODE,
    "pre": EntityKind.PRE,
    "a": EntityKind.TEXT_LINK,
    "tg-emoji": EntityKind.CUSTOM_EMOJI,
    "blockquote": EntityKind.BLOCKQUOTE,
}
_STYLES = {
    EntityKind.BOLD,
    EntityKind.ITALIC,
    EntityKind.UNDERLINE,
    EntityKind.STRIKETHROUGH,
    EntityKind.SPOILER,
}
_QUOTES = {EntityKind.BLOCKQUOTE, EntityKind.EXPANDABLE_BLOCKQUOTE}
_SPACE = frozenset(b" \t\r\n\v\f")
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_REFERENCE = re.compile(rb"&(?:#(?:[xX](?P<hex>[0-9a-fA-F]+)|(?P<dec>[0-9]+))|(?P<name>[a-zA-Z]+));?")
_PLAIN_RUN = re.compile(rb"[^<&]+")
_LINK_SCHEMES = frozenset({"http", "https", "tg", "ton", "tonsite", "mailto", "tel"})


def parse_html(source: str) -> Formatted:
    """Parse a text in parse mode HTML.

    Raises:
        ApiError: Telegram refuses the markup, or would silently bend it (nested links or quotations, links
            that it drops); for the latter the words are the sandbox's own and begin with ``sandbox:``.
    """
    return _Parser(source).parse()


def _refusal(words: str) -> ApiError:
    return bad_request(f"can't parse entities: {words}")


@dataclass(slots=True, kw_only=True)
class _Open:
    """A start tag that waits for its end."""

    tag: str
    argument: str
    offset: int
    position: int


class _Parser:
    def __init__(self, source: str) -> None:
        # The closing zero byte stands for the end, so that no step needs to look at the length.
        self._source = source.encode() + b"\0"
        self._at = 0
        self._pieces: list[str] = []
        self._offset = 0
        self._open: list[_Open] = []
        self._entities: list[Entity] = []

    def parse(self) -> Formatted:
        end = len(self._source) - 1
        while self._at < end:
            byte = self._source[self._at]
            if byte == ord("<"):
                if self._source[self._at + 1] == ord("/"):
                    self._end_tag()
                else:
                    self._start_tag()
            elif byte == ord("&"):
                self._emit(self._reference() or self._take_one())
            else:
                run = _PLAIN_RUN.match(self._source, self._at, end)
                self._at = run.end() if run else self._at + 1
                self._emit(run.group().decode() if run else "")
        if self._open:
            raise _refusal(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        entities = in_order(self._entities)
        _check_nesting(entities)
        return Formatted(text="".join(self._pieces), entities=entities)

    def _emit(self, text: str) -> None:
        self._pieces.append(text)
        self._offset += utf16_length(text)

    def _take_one(self) -> str:
        self._at += 1
        return chr(self._source[self._at - 1])

    def _reference(self) -> str:
        """Decode the character reference at the cursor and step over it; empty where there is none."""
        match = _REFERENCE.match(self._source, self._at)
        if match is None:
            return ""
        if match["name"] is not None:
            decoded = _NAMED.get(match["name"], "")
        else:
            # Telegram takes at most ten characters for a number, so a longer one is plain text.
            digits = match["hex"] or match["dec"]
            code = int(digits, 16 if match["hex"] else 10) if len(digits) <= 8 else 0
            decoded = chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else ""
        if decoded:
            self._at = match.end()
        return decoded

    def _skip_space(self) -> None:
        while self._source[self._at] in _SPACE:
            self._at += 1

    def _skip_name(self, stops: bytes) -> bytes:
        start = self._at
        while self._source[self._at] not in _SPACE and self._source[self._at] not in stops:
            self._at += 1
        return self._source[start : self._at]

    def _start_tag(self) -> None:
        begin = self._at
        self._at += 1
        name = self._skip_name(b">\0")
        if self._source[self._at] == 0:
            raise _refusal(f"Unclosed start tag at byte offset {begin}")
        tag = name.decode().lower()
        if tag not in _KINDS:
            raise _refusal(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = self._attributes(tag, begin)
        self._at += 1
        if tag == "span" and argument != "spoiler":
            raise _refusal(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self._open.append(_Open(tag=tag, argument=argument, offset=self._offset, position=len(self._pieces)))

    def _attributes(self, tag: str, begin: int) -> str:
        """Read attributes up to the closing bracket; return the one that the tag has a use for."""
        argument = ""
        while True:
            self._skip_space()
            if self._source[self._at] == ord(">"):
                return argument
            attribute = self._skip_name(b"=>/\"'\0").decode()
            if not attribute:
                if self._source[self._at] == 0:
                    raise _refusal(f'Unclosed start tag "{tag}" at byte offset {begin}')
                raise _refusal(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
            self._skip_space()
            if self._source[self._at] != ord("="):
                if self._source[self._at] == 0:
                    raise _refusal(f'Unclosed start tag "{tag}" at byte offset {begin}')
                argument = "1" if (tag, attribute) == ("blockquote", "expandable") else argument
                continue
            self._at += 1
            self._skip_space()
            if self._source[self._at] == 0:
                raise _refusal(f'Unclosed start tag "{tag}" at byte offset {begin}')
            value = self._attribute_value()
            if self._source[self._at] == 0:
                raise _refusal(f"Unclosed start tag at byte offset {begin}")
            argument = _useful(tag, attribute, value, argument)

    def _attribute_value(self) -> str:
        quote = self._source[self._at]
        if quote not in b"\"'":
            start = self._at
            while chr(self._source[self._at]).isalnum() or self._source[self._at] in b".-":
                self._at += 1
            if self._source[self._at] not in _SPACE and self._source[self._at] != ord(">"):
                raise _refusal(f"Unexpected end of name token at byte offset {start}")
            return self._source[start : self._at].decode().lower()
        self._at += 1
        value = bytearray()
        while self._source[self._at] not in (quote, 0):
            decoded = self._reference() if self._source[self._at] == ord("&") else ""
            if decoded:
                value += decoded.encode()
            else:
                value.append(self._source[self._at])
                self._at += 1
        if self._source[self._at] == quote:
            self._at += 1
        return value.decode()

    def _end_tag(self) -> None:
        begin = self._at
        if not self._open:
            raise _refusal(f"Unexpected end tag at byte offset {begin}")
        self._at += 2
        name = self._skip_name(b">\0").decode()
        self._skip_space()
        if self._source[self._at] != ord(">"):
            raise _refusal(f"Unclosed end tag at byte offset {begin}")
        self._at += 1
        opened = self._open.pop()
        if name and name != opened.tag:
            raise _refusal(f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", found "</{name}>"')
        if self._offset > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity = Entity(kind=_KINDS[opened.tag], offset=opened.offset, length=self._offset - opened.offset)
        match entity.kind:
            case EntityKind.TEXT_LINK:
                entity = _link(entity, opened.argument or "".join(self._pieces[opened.position :]))
            case EntityKind.BLOCKQUOTE if opened.argument:
                entity = replace(entity, kind=EntityKind.EXPANDABLE_BLOCKQUOTE)
            case EntityKind.CUSTOM_EMOJI:
                if not (opened.argument.isascii() and opened.argument.isdigit() and 0 < int(opened.argument) < 2**63):
                    raise _refusal("Invalid custom emoji identifier specified")
                entity = replace(entity, custom_emoji_id=opened.argument)
            case EntityKind.CODE:
                entity = replace(entity, language=opened.argument or None)
            case _:
                pass
        self._entities.append(self._merge_code(entity))

    def _merge_code(self, entity: Entity) -> Entity:
        """Fold ``<pre><code class="language-x">`` into one block with a language."""
        if entity.kind in (EntityKind.PRE, EntityKind.CODE) and self._entities:
            inner = self._entities[-1]
            pair = {entity.kind, inner.kind} == {EntityKind.PRE, EntityKind.CODE}
            if pair and (inner.offset, inner.length) == (entity.offset, entity.length):
                self._entities.pop()
                return replace(entity, kind=EntityKind.PRE, language=entity.language or inner.language)
        # A language is known only to blocks, so a lone <code class> loses it when it is not in a <pre>.
        waits = entity.kind is EntityKind.CODE and any(opened.tag == "pre" for opened in self._open)
        return entity if waits or entity.kind is not EntityKind.CODE else replace(entity, language=None)


def _useful(tag: str, attribute: str, value: str, before: str) -> str:
    match (tag, attribute):
        case ("a", "href") | ("tg-emoji", "emoji-id"):
            return value
        case ("code", "class") if value.startswith("language-"):
            return value.removeprefix("language-")
        case ("span", "class") if value.startswith("tg-"):
            return value.removeprefix("tg-")
        case ("blockquote", "expandable"):
            return "1"
        case _:
            return before


def _link(entity: Entity, address: str) -> Entity:
    user = re.fullmatch(r"tg://user\?id=(\d+)", address)
    if user:
        return replace(entity, kind=EntityKind.TEXT_MENTION, user_id=int(user[1]))
    try:
        parts = urlsplit(
            address if "://" in address or address.startswith(("mailto:", "tel:")) else f"http://{address}"
        )
        kept = parts.scheme in _LINK_SCHEMES and bool(parts.netloc or parts.path) and not re.search(r"\s", address)
        if parts.scheme in {"http", "https"}:
            kept = kept and bool(parts.hostname) and ("." in (parts.hostname or "") or ":" in (parts.hostname or ""))
    except ValueError:
        kept = False
    if not kept:
        # Telegram keeps the words and drops the link without a sound; a test must hear of it.
        raise _refusal(f"sandbox: Telegram would drop the link to {address!r}")
    return replace(entity, url=address)


def _check_nesting(entities: tuple[Entity, ...]) -> None:
    """Refuse nestings that Telegram would silently take apart."""
    outer: list[Entity] = []
    for entity in entities:
        while outer and outer[-1].end <= entity.offset:
            outer.pop()
        for around in outer:
            if around.kind in _QUOTES and entity.kind in _QUOTES:
                raise _refusal(f"sandbox: quotations can't be nested, at offset {entity.offset}")
            solid = {EntityKind.CODE, EntityKind.PRE}
            mixes = around.kind not in _STYLES | _QUOTES and entity.kind not in _STYLES
            if around.kind in solid or mixes or (entity.kind in solid and around.kind in _STYLES):
                raise _refusal(f"sandbox: {entity.kind} can't stand in {around.kind}, at offset {entity.offset}")
        outer.append(entity)
