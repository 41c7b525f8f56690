from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.html import (
    Html,
    count_entities,
    escape,
    fragment_url,
    host_of,
    is_blank,
    is_web_address,
    isolate,
    link,
    one_line,
    visible_text,
    visible_units,
    without_controls,
    without_summons,
)
from bot.sandbox.telegram.entities import EntityKind
from bot.sandbox.telegram.rules import format_message


@pytest.mark.parametrize(
    ("text", "html"),
    [
        pytest.param("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d", id="brackets and ampersands"),
        pytest.param('He said "no".', "He said &quot;no&quot;.", id="quotation marks"),
        pytest.param("<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;", id="markup is shown as typed"),
        pytest.param("Їжак — 5 €", "Їжак — 5 €", id="letters stay"),
        pytest.param("a\x00b\x1fc", "abc", id="control characters go"),
        pytest.param("a\r\nb\u2028c", "a\nb\nc", id="line separators become newlines"),
        pytest.param("x\ud800y", "xy", id="lone surrogates go"),
        pytest.param("exe\u202egpj", "exegpj", id="direction overrides go"),
        pytest.param("\u2066a\u2069", "a", id="isolates go"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="joiners stay"),
    ],
)
def test_escape_shows_the_text(text: str, html: str) -> None:
    assert escape(text) == html


def test_html_is_not_escaped_twice() -> None:
    assert escape(escape("a & b")) == "a &amp; b"
    assert escape(Html("<b>a</b>")) == "<b>a</b>"


@given(st.text())
def test_what_is_escaped_is_read_back(text: str) -> None:
    assert visible_text(escape(text)) == without_controls(text)
    assert count_entities(escape(text)) == 0


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), min_size=1))
def test_units_are_those_that_telegram_counts(text: str) -> None:
    html = f"|<b>{escape(text)}</b>|"
    shown = format_message(html, parse_mode="HTML").text
    assert visible_units(html) == len(shown.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("html", "units", "entities"),
    [
        pytest.param("", 0, 0, id="nothing"),
        pytest.param("abc", 3, 0, id="plain"),
        pytest.param("<b>a</b> <i>b</i>", 3, 2, id="two tags"),
        pytest.param('<a href="https://a.example/?a=1&amp;b=2">x</a>', 1, 1, id="an address is not seen"),
        pytest.param("&lt;&amp;&gt;&quot;&#39;&#x41;", 6, 0, id="references"),
        pytest.param("&copy;", 6, 0, id="a name that Telegram does not know"),
        pytest.param("🦊", 2, 0, id="beyond the basic plane"),
        pytest.param("<blockquote expandable>a</blockquote>", 1, 1, id="an attribute without a value"),
    ],
)
def test_lengths(html: str, units: int, entities: int) -> None:
    assert (visible_units(html), count_entities(html)) == (units, entities)


@pytest.mark.parametrize(
    ("url", "html"),
    [
        pytest.param("https://a.example/?x=1&y=2", '<a href="https://a.example/?x=1&amp;y=2">A</a>', id="query"),
        pytest.param('https://a.example/"><b>', '<a href="https://a.example/&quot;&gt;&lt;b&gt;">A</a>', id="breakout"),
        pytest.param("https://a.example/a b", '<a href="https://a.example/a%20b">A</a>', id="space"),
        pytest.param("https://a.example/\nb", '<a href="https://a.example/b">A</a>', id="newline"),
        pytest.param("http://[2001:db8::1]:8080/", '<a href="http://[2001:db8::1]:8080/">A</a>', id="IPv6"),
        pytest.param("https://новини.укр/1", '<a href="https://новини.укр/1">A</a>', id="host in Cyrillic"),
        pytest.param("javascript:alert(1)", "A", id="javascript"),
        pytest.param("java\nscript:alert(1)", "A", id="javascript in two lines"),
        pytest.param("tg://user?id=1", "A", id="tg"),
        pytest.param("data:text/html,x", "A", id="data"),
        pytest.param("//a.example/", "A", id="no scheme"),
        pytest.param("https://", "A", id="no host"),
        pytest.param("https://bank.example@evil.example/", "A", id="user information"),
        pytest.param("https://evil.example\\.bank.example/", "A", id="backslash in the host"),
        pytest.param("https://a b.example/", "A", id="space in the host"),
        pytest.param("http://localhost/", "A", id="a host that Telegram does not link"),
        pytest.param("http://[::1", "A", id="no address at all"),
        pytest.param("http://a.example:99999/", "A", id="no such port"),
        pytest.param(f"https://a.example/{'x' * 3000}", "A", id="endless"),
        pytest.param("", "A", id="empty"),
        pytest.param(None, "A", id="none"),
    ],
)
def test_only_web_addresses_are_linked(url: str | None, html: str) -> None:
    assert link(url, "A") == html


def test_a_label_is_escaped_and_one_that_cannot_be_seen_is_no_link() -> None:
    assert link("https://a.example", "A & B") == '<a href="https://a.example">A &amp; B</a>'
    assert link("https://a.example", "\u200b") == "\u200b"


@pytest.mark.parametrize(
    ("url", "sentences", "address"),
    [
        pytest.param(
            "https://a.example/1",
            ["Inspectors found a 40 cm crack. More follows."],
            "https://a.example/1#:~:text=Inspectors%20found%20a%2040%20cm%20crack.",
            id="six words",
        ),
        pytest.param("https://a.example/1", ["Two words."], "https://a.example/1#:~:text=Two%20words.", id="fewer"),
        pytest.param(
            "https://a.example/1",
            ["Well-known, said Ann & Bob"],
            "https://a.example/1#:~:text=Well%2Dknown%2C%20said%20Ann%20%26%20Bob",
            id="hyphens, commas and ampersands",
        ),
        pytest.param(
            "https://a.example/1",
            ["First one.", "Then two.", "First one."],
            "https://a.example/1#:~:text=First%20one.&text=Then%20two.",
            id="several, each once",
        ),
        pytest.param("https://a.example/1#top", ["Two words."], "https://a.example/1#top", id="has a fragment"),
        pytest.param("https://a.example/1", [], "https://a.example/1", id="no sentence"),
        pytest.param("https://a.example/1", [" \n"], "https://a.example/1", id="blank sentence"),
        pytest.param("https://a.example/1", ["字" * 200], "https://a.example/1", id="one endless word"),
        pytest.param(
            "https://a.example/1", ["Їжак"], "https://a.example/1#:~:text=%D0%87%D0%B6%D0%B0%D0%BA", id="UTF-8"
        ),
    ],
)
def test_fragments_point_at_the_sentences(url: str, sentences: list[str], address: str) -> None:
    assert fragment_url(url, *sentences) == address


@given(st.lists(st.text(), max_size=60))
def test_a_fragment_never_makes_an_address_too_long_to_link(sentences: list[str]) -> None:
    address = fragment_url("https://a.example/1", *sentences)
    assert len(address) <= 2048
    assert " " not in address
    assert link(address, "A").startswith("<a ")


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        pytest.param("", True, id="empty"),
        pytest.param(" \n\t\u00a0", True, id="white space"),
        pytest.param("\u200b\u2060\ufeff\u3164\u2800", True, id="invisible letters"),
        pytest.param("\u202e\x00", True, id="controls"),
        pytest.param("\u200b.", False, id="a full stop"),
    ],
)
def test_blank_texts_are_known(text: str, *, blank: bool) -> None:
    assert is_blank(text) is blank


@pytest.mark.parametrize(
    "title",
    [
        "@everybody look",
        "look, @everybody",
        "/delete_me",
        "Win now: /delete_me@newsgist",
        "tg://user?id=1",
        "TG://resolve?domain=evil",
        "(@anybody)",
        "“@anybody”",
    ],
)
def test_titles_summon_nobody(title: str) -> None:
    shown = format_message(f"<b>{escape(without_summons(title))}</b>", parse_mode="HTML")
    assert {entity.kind for entity in shown.entities} == {EntityKind.BOLD}
    assert shown.text.replace("\u2060", "") == title


@pytest.mark.parametrize("title", ["Mail ann@post.example", "24/7 and/or 1/2", "50 km/h", "A @ B"])
def test_titles_without_summons_stay_as_they_are(title: str) -> None:
    assert without_summons(title) == title


def test_one_line_folds_white_space() -> None:
    assert one_line(" a\n\tb\u00a0 c\u2028d ") == "a b c d"


def test_isolate_wraps_a_name() -> None:
    assert isolate("Tidewatch") == "\u2068Tidewatch\u2069"


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://www.a.example/x", "a.example"), ("https://a.example:8443", "a.example"), ("ftp://a.example", "")],
)
def test_hosts(url: str, host: str) -> None:
    assert host_of(url) == host
    assert is_web_address(url) is bool(host)
