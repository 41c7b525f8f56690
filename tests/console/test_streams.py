"""Streams of documents: what goes past the command line's parser, and what stays with it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.rows import RowError, SummaryOptions, feed_row, summarize_story_row
from bot.console.streams import as_program, run_plain
from bot.news.errors import FeedError, FeedFault
from bot.news.feeds.parser import parse_feed

FEED = (
    "<rss version='2.0'><channel><title>Tidewatch</title><item><guid>1</guid><title>Crane stuck</title>"
    "<link>https://tidewatch.example/crane</link><pubDate>Tue, 03 Mar 2026 12:00:00 GMT</pubDate></item>"
    "</channel></rss>"
)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    body = base64.b64encode(FEED.encode()).decode()
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"id": "a", "url": "", "body_base64": body}) + "\n{}\n")
    return path


@pytest.mark.parametrize("turned", [False, True])
def test_a_stream_of_feeds_is_answered(rows: Path, capsysbinary: pytest.CaptureFixture[bytes], turned: bool) -> None:
    arguments = ["--jsonl", str(rows)]
    assert run_plain(["feed", *(reversed(arguments) if turned else arguments)])
    first, second = map(json.loads, capsysbinary.readouterr().out.splitlines())
    assert (first["id"], first["title"]) == ("a", "Tidewatch")
    assert first["entries"] == [
        {
            "id": "1",
            "url": "https://tidewatch.example/crane",
            "title": "Crane stuck",
            "author": "",
            "published_at": "2026-03-03T12:00:00+00:00",
            "summary": "",
            "content": "",
        }
    ]
    assert second["error"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["feed"],
        ["feed", "rows.xml"],
        ["feed", "--json", "rows.xml"],
        ["feed", "--jsonl", "--help"],
        ["feed", "--jsonl", "--jsonl"],
        ["feed", "--jsonl", "one.jsonl", "two.jsonl"],
        ["feed", "--jsonl", "https://tidewatch.example/feed"],
        ["extract", "--jsonl", "--url=https://tidewatch.example/"],
        ["summarize", "--chars", "400"],
        ["summarize", "--jsonl", "--chars"],
        ["summarize", "--jsonl", "--chars", "0"],
        ["summarize", "--jsonl", "--chars", "many"],
        ["summarize", "--jsonl", "--chars", "400", "--chars", "300"],
        ["summarize", "--jsonl", "--story"],
        ["summarize", "--jsonl", "--method", "lead"],
        ["--jsonl", "feed"],
    ],
    ids=" ".join,
)
def test_what_is_not_plain_is_left_to_the_command_line(arguments: list[str]) -> None:
    assert not run_plain(arguments)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param([], 3, id="three sentences"),
        pytest.param(["--sentences", "2"], 2, id="sentences"),
        pytest.param(["--chars", "60"], 1, id="characters"),
        pytest.param(["--words", "20", "--brief"], 2, id="words, brief"),
    ],
)
def test_a_stream_of_texts_is_summarised(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], options: list[str], expected: int
) -> None:
    path = tmp_path / "texts.jsonl"
    text = " ".join(f"Boat {number} brought {number * 7} crates to the pier." for number in range(4, 9))
    path.write_text("".join(json.dumps({"id": number, "text": text}) + "\n" for number in range(12)) + "{}\n")
    assert run_plain(["summarize", *options, "--jsonl", str(path)])
    *answers, bad = map(json.loads, capsysbinary.readouterr().out.splitlines())
    assert [row["id"] for row in answers] == list(range(12))
    assert {len(row["sentences"]) for row in answers} == {expected}
    assert bad["error"] == "text is missing"


def test_a_file_that_is_not_there_is_one_line_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_plain(["feed", "--jsonl", "nowhere.jsonl"])
    assert ended.value.code == 1
    assert capsys.readouterr().err == "newsgist: nowhere.jsonl: No such file or directory\n"


def test_ctrl_c_ends_as_shells_have_it() -> None:
    with pytest.raises(SystemExit) as ended, as_program():
        raise KeyboardInterrupt
    assert ended.value.code == 130


_LOADED = """
import sys
from bot.__main__ import main
sys.argv = ["newsgist", "feed", "--jsonl", sys.argv[1]]
main()
slow = {"asyncio", "dateutil", "lxml.html", "multiprocessing", "pydantic", "storage", "summarizer", "typer"}
print(*sorted(slow & sys.modules.keys()), file=sys.stderr)
"""


def test_a_stream_of_feeds_loads_nothing_that_is_slow_to_load(rows: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, str(rows)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == "\n"
    assert len(done.stdout.splitlines()) == 2


@pytest.mark.parametrize(
    "written", ["a", "=", "YWJj\n", "YWJj YWJj", "YQ==YQ==", "YW\\u004aj", 'YWJj"', "é", "\ud800", "%%%", 7]
)
def test_what_is_not_base64_is_said(written: object) -> None:
    with pytest.raises(RowError, match="body_base64"):
        feed_row({"url": "", "body_base64": written})


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_come_through_base64_in_both_alphabets(part: bytes) -> None:
    body = b"<rss><channel><title>T</title><description>" + part.hex().encode() + b"</description>" + part
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert _answered(encode(body)) == _parsed(body)


def _answered(written: bytes) -> str | FeedFault:
    try:
        return str(feed_row({"url": "", "body_base64": written.decode()})["title"])
    except FeedError as error:
        return error.reason


def _parsed(body: bytes) -> str | FeedFault:
    try:
        return parse_feed(body, url="").title
    except FeedError as error:
        return error.reason


def test_an_instant_without_a_zone_is_read_as_utc() -> None:
    texts = ("The council of Aldmoor shut the bridge.", "The council of Aldmoor opened the bridge.")
    instants = ("2026-05-04T12:30:00", "2026-05-04T14:00:00+02:00")
    articles = [{"id": at, "text": text, "published_at": at} for at, text in zip(instants, texts, strict=True)]
    for rows in (articles, articles[::-1]):
        found = summarize_story_row({"articles": rows}, options=SummaryOptions(sentences=2))["sentences"]
        assert found[0]["article"] == instants[0]
