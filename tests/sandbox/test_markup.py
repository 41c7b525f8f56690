from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.telegram.entities import find_plain_entities, utf16_length
from bot.sandbox.telegram.errors import ApiError
from bot.sandbox.telegram.markup import parse_html
from bot.sandbox.telegram.rules import MAX_TEXT_UNITS, check_keyboard, format_message

REFUSED = [
    pytest.param("<br>", 'Unsupported start tag "br" at byte offset 0', id="unknown tag"),
    pytest.param("Ж<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 2', id="offset counts bytes"),
    pytest.param("<!-- x -->", 'Unsupported start tag "!--" at byte offset 0', id="comment"),
    pytest.param("1 < 2", 'Unsupported start tag "" at byte offset 2', id="bare angle bracket"),
    pytest.param("x <b", "Unclosed start tag at byte offset 2", id="start tag cut off"),
    pytest.param("<a href", 'Unclosed start tag "a" at byte offset 0', id="attribute cut off"),
    pytest.param('<a href="x', "Unclosed start tag at byte offset 0", id="value cut off"),
    pytest.param('<a ="x">y</a>', 'Empty attribute name in the tag "a" at byte offset 0', id="nameless attribute"),
    pytest.param("<a href=x/>y</a>", "Unexpected end of name token at byte offset 8", id="bad bare value"),
    pytest.param("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0', id="plain span"),
    pytest.param("x</b>", "Unexpected end tag at byte offset 1", id="end without start"),
    pytest.param("<b>x</b", "Unclosed end tag at byte offset 4", id="end tag cut off"),
    pytest.param("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"', id="crossed tags"),
    pytest.param("<b>x", 'Can\'t find end tag corresponding to start tag "b"', id="never closed"),
    pytest.param("<b><i>x</i>", 'Can\'t find end tag corresponding to start tag "b"', id="outer never closed"),
    pytest.param(
        '<tg-emoji emoji-id="x">y</tg-emoji>', "Invalid custom emoji identifier specified", id="emoji id no number"
    ),
]


@pytest.mark.parametrize(("source", "words"), REFUSED)
def test_markup_is_refused_in_telegrams_words(source: str, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_html(source)
    assert caught.value.code == 400
    assert caught.value.description == f"Bad Request: can't parse entities: {words}"


BENT = [
    pytest.param("<blockquote>a<blockquote>b</blockquote></blockquote>", id="quotation in quotation"),
    pytest.param('<a href="https://a.example">x<a href="https://b.example">y</a></a>', id="link in link"),
    pytest.param("<code>a<b>b</b></code>", id="bold in code"),
    pytest.param("<b>a<code>b</code></b>", id="code in bold"),
    pytest.param('<a href="javascript:alert(1)">x</a>', id="script address"),
    pytest.param('<a href="data:text/html,x">x</a>', id="data address"),
    pytest.param('<a href="https://no host/">x</a>', id="address with a space"),
    pytest.param('<a href="http://localhost/">x</a>', id="host without a dot"),
    pytest.param('<a href="#top">x</a>', id="fragment only"),
]


@pytest.mark.parametrize("source", BENT)
def test_what_telegram_would_bend_in_silence_is_refused_aloud(source: str) -> None:
    with pytest.raises(ApiError, match="can't parse entities: sandbox: "):
        parse_html(source)


ACCEPTED = [
    pytest.param("<b>x</b>", "x", [("bold", 0, 1)], id="bold"),
    pytest.param("<strong>x</strong><em>y</em>", "xy", [("bold", 0, 1), ("italic", 1, 1)], id="long names"),
    pytest.param("<ins>a</ins><u>b</u>", "ab", [("underline", 0, 1), ("underline", 1, 1)], id="underline"),
    pytest.param(
        "<s>a</s><strike>b</strike><del>c</del>",
        "abc",
        [("strikethrough", 0, 1), ("strikethrough", 1, 1), ("strikethrough", 2, 1)],
        id="strikethrough",
    ),
    pytest.param('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)], id="spoiler as span"),
    pytest.param("<tg-spoiler>a</tg-spoiler>", "a", [("spoiler", 0, 1)], id="spoiler"),
    pytest.param("🚢<b>Ж</b>", "🚢Ж", [("bold", 2, 1)], id="offsets count UTF-16 units"),
    pytest.param("<B>x</>", "x", [("bold", 0, 1)], id="upper case and empty end tag"),
    pytest.param("<b></b>x", "x", [], id="empty tag vanishes"),
    pytest.param("<b><i>x</i>y</b>", "xy", [("bold", 0, 2), ("italic", 0, 1)], id="nested styles"),
    pytest.param("<pre>x</pre>", "x", [("pre", 0, 1)], id="block of code"),
    pytest.param('<pre><code class="language-py">x</code></pre>', "x", [("pre", 0, 1)], id="block with a language"),
    pytest.param("<blockquote>x</blockquote>", "x", [("blockquote", 0, 1)], id="quotation"),
    pytest.param(
        "<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)], id="expandable quotation"
    ),
    pytest.param('<a href="tg://user?id=42">x</a>', "x", [("text_mention", 0, 1)], id="mention by id"),
    pytest.param("<a href='https://a.example/?a=1&amp;b=2'>x</a>", "x", [("text_link", 0, 1)], id="link"),
    pytest.param("&lt;b&gt; &amp; &quot;&#65;&#x42;", '<b> & "AB', [], id="references"),
    pytest.param("&nbsp;&copy;&apos;", "&nbsp;&copy;&apos;", [], id="unknown references stay"),
    pytest.param("AT&T & Co", "AT&T & Co", [], id="bare ampersands stay"),
]


@pytest.mark.parametrize(("source", "text", "entities"), ACCEPTED)
def test_markup_becomes_text_and_entities(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    formatted = parse_html(source)
    assert formatted.text == text
    assert [(entity.kind.value, entity.offset, entity.length) for entity in formatted.entities] == entities


def test_a_links_address_is_decoded_and_a_blocks_language_kept() -> None:
    (link,) = parse_html('<a href="https://a.example/?a=1&amp;b=2#:~:text=One">x</a>').entities
    assert link.url == "https://a.example/?a=1&b=2#:~:text=One"
    (block,) = parse_html('<pre><code class="language-py">x</code></pre>').entities
    assert block.language == "py"


@given(st.text())
def test_escaped_text_comes_out_as_it_went_in(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    formatted = parse_html(f"<b>{escaped}</b>")
    assert formatted.text == text
    assert [entity.length for entity in formatted.entities] == ([utf16_length(text)] if text else [])


@given(st.text(alphabet='<>/&;#"= abiexhrf🚢\n'))
def test_any_markup_is_parsed_or_refused(source: str) -> None:
    with contextlib.suppress(ApiError):
        formatted = parse_html(source)
        assert all(entity.end <= utf16_length(formatted.text) for entity in formatted.entities)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "message text is empty", id="empty"),
        pytest.param("   \n", "text must be non-empty", id="blank"),
        pytest.param("<b> </b>", "text must be non-empty", id="blank within a tag"),
        pytest.param("x" * 4097, "message is too long", id="4097 letters"),
        pytest.param("🚢" * 2049, "message is too long", id="2049 ships are 4098 units"),
        pytest.param("\ud800", "strings must be encoded in UTF-8", id="lone surrogate"),
        pytest.param("<b>x</b> " * 101, "sandbox: 101 entities, Telegram keeps 100", id="101 entities"),
    ],
)
def test_texts_beyond_the_limits_are_refused(text: str, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        format_message(text, parse_mode="HTML")
    assert caught.value.description == f"Bad Request: {words}"


def test_the_limit_counts_after_parsing_and_trimming() -> None:
    formatted = format_message(f"  <b>{'&amp;' * MAX_TEXT_UNITS}</b>\n", parse_mode="HTML")
    assert utf16_length(formatted.text) == MAX_TEXT_UNITS
    assert [(entity.offset, entity.length) for entity in formatted.entities] == [(0, MAX_TEXT_UNITS)]
    assert len(format_message("<i>x</i> " * 100, parse_mode="html").entities) == 100


@pytest.mark.parametrize(
    ("button", "words"),
    [
        pytest.param({"text": "x", "callback_data": "ж" * 33}, "BUTTON_DATA_INVALID", id="66 bytes of data"),
        pytest.param({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID", id="no data"),
        pytest.param({"text": "x"}, "Text buttons are unallowed in the inline keyboard", id="no action"),
        pytest.param(
            {"text": "x", "url": "http://localhost/"},
            "inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL",
            id="address without a dot",
        ),
    ],
)
def test_keyboards_beyond_the_limits_are_refused(button: dict[str, str], words: str) -> None:
    with pytest.raises(ApiError) as caught:
        check_keyboard({"inline_keyboard": [[button]]})
    assert caught.value.description == f"Bad Request: {words}"


def test_64_bytes_of_data_are_taken() -> None:
    keyboard = {"inline_keyboard": [[{"text": "x", "callback_data": "ж" * 32}], []]}
    assert check_keyboard(keyboard) == {"inline_keyboard": keyboard["inline_keyboard"][:1]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("/start now", [("bot_command", 0, 6)], id="command"),
        pytest.param("see /help@newsgist_bot.", [("bot_command", 4, 18)], id="addressed command"),
        pytest.param("and/or 1/2", [], id="slashes in words"),
        pytest.param("🚢 https://a.example/x, yes", [("url", 3, 19)], id="link before a comma"),
        pytest.param("read tidewatch.org/feed.", [("url", 5, 18)], id="bare domain"),
        pytest.param("http://127.0.0.1:8081/site/", [("url", 0, 27)], id="loopback"),
        pytest.param("http://localhost:8081/", [], id="host without a dot"),
        pytest.param("end.Next", [], id="no domain"),
        pytest.param("@somebody #news", [("mention", 0, 9), ("hashtag", 10, 5)], id="mention and hashtag"),
        pytest.param("mail me@home.example", [("email", 5, 15)], id="mail address"),
    ],
)
def test_clients_mark_commands_and_links(text: str, found: list[tuple[str, int, int]]) -> None:
    marks = [(entity.kind.value, entity.offset, entity.length) for entity in find_plain_entities(text)]
    assert marks == found
