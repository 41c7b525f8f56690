"""The command line as people and scripts see it: each command a process of its own."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.environment import plain_environment
from tests.support.paper import Paper, harbour_report, page
from tests.support.web import serving_site

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TEXT = harbour_report("Aldmoor", 1)
PAGE = page("Timber fills the sheds", TEXT, site="Tidewatch", feed="/feed.xml")
FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Tidewatch</title><link>https://tidewatch.example/</link><description>d</description>
<item><title>Timber fills the sheds</title><link>https://tidewatch.example/1</link><guid>one</guid>
<pubDate>Mon, 04 May 2026 12:05:00 GMT</pubDate><description>Cranes work at night.</description></item>
</channel></rss>"""


@pytest.fixture
def newsgist(tmp_path: Path) -> Newsgist:
    return Newsgist(tmp_path)


class Newsgist:
    """Runs ``newsgist`` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, *arguments: str, given: str | bytes = b"", settings: Mapping[str, str] | None = None, status: int = 0
    ) -> str:
        """Run a command, check its exit status, and give what it printed: its errors where it failed."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            input=given.encode() if isinstance(given, str) else given,
            capture_output=True,
            cwd=self.folder,
            env=plain_environment() | dict(settings or {}),
            timeout=60,
            check=False,
        )
        said, errors = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in errors + said, errors
        assert done.returncode == status, errors or said
        if status == 0:
            assert errors == ""
            return said
        assert said == ""
        if status == 1:
            assert errors.count("\n") == 1, errors
            assert errors.startswith("newsgist: ")
        return errors

    def rows(self, *arguments: str, given: list[Any]) -> list[dict[str, Any]]:
        """Stream rows through a command; a string stands for a line as it is."""
        lines = [row if isinstance(row, str) else json.dumps(row) for row in given]
        said = self(*arguments, "--jsonl", given="\n".join(lines) + "\n")
        return [json.loads(line) for line in said.splitlines()]


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# ---- summarize


def test_summarize_prints_sentences_for_people(newsgist: Newsgist) -> None:
    lines = newsgist("summarize", "-", "--sentences", "2", given=TEXT).splitlines()
    assert len(lines) == 2
    assert all(line in TEXT for line in lines)


def test_summarize_json_gives_offsets_into_the_text(newsgist: Newsgist) -> None:
    (newsgist.folder / "report.txt").write_text(TEXT, encoding="utf-8")
    answer = json.loads(newsgist("summarize", "report.txt", "--chars", "300", "--json"))
    assert set(answer) == {"id", "lang", "sentences"}
    assert answer["lang"] == "en"
    assert answer["sentences"]
    assert all(TEXT[each["start"] : each["end"]] == each["text"] for each in answer["sentences"])
    assert sum(len(each["text"]) for each in answer["sentences"]) <= 300


def test_summarize_takes_a_page_by_its_article(newsgist: Newsgist) -> None:
    (newsgist.folder / "report.html").write_text(PAGE, encoding="utf-8")
    lines = newsgist("summarize", "report.html", "--sentences", "1").splitlines()
    assert len(lines) == 1
    assert lines[0] in TEXT


@pytest.mark.parametrize(("method", "reasons"), [("lexrank", "gives no reasons."), ("lead", "    Near the top.")])
def test_summarize_takes_another_method_by_name(newsgist: Newsgist, method: str, reasons: str) -> None:
    sentence, told = newsgist("summarize", "--method", method, "--sentences", "1", "--why", given=TEXT).splitlines()
    assert sentence in TEXT
    assert told.endswith(reasons)


def test_summarize_keeps_order_over_all_cores_and_an_error_in_its_row(newsgist: Newsgist) -> None:
    good = [{"id": number, "title": "", "text": harbour_report(f"Port {number}", number)} for number in range(210)]
    given: list[Any] = [*good[:100], "{this is no JSON", {"id": "wrong", "text": 5}, *good[100:]]
    rows = newsgist.rows("summarize", "--sentences", "1", given=given)
    assert [row["id"] for row in rows] == [*range(100), None, "wrong", *range(100, 210)]
    assert [place for place, row in enumerate(rows) if "error" in row] == [100, 101]
    assert "text must be a string" in rows[101]["error"]
    assert all(f"Port {row['id']}" in row["sentences"][0]["text"] for row in rows if row["id"] == 7)
    assert all(
        row["sentences"][0]["text"] in good[row["id"]]["text"].replace("\n", " ") for row in rows if "error" not in row
    )


def test_summarize_story_names_each_sentences_article(newsgist: Newsgist) -> None:
    texts = {"a": TEXT, "b": harbour_report("Orsa", 5)}
    articles = [{"id": name, "title": f"Report {name}", "text": text} for name, text in texts.items()]
    (row,) = newsgist.rows("summarize", "--story", "--sentences", "2", given=[{"id": "s1", "articles": articles}])
    assert row["id"] == "s1"
    assert row["sentences"]
    for each in row["sentences"]:
        assert texts[each["article"]][each["start"] : each["end"]] == each["text"]


def test_summarize_story_takes_outlets_as_they_are_named(newsgist: Newsgist) -> None:
    def row(*outlets: str) -> dict[str, Any]:
        return {"articles": [{"id": name, "text": TEXT, "outlet": name} for name in outlets]}

    named, one = newsgist.rows("summarize", "--story", "--why", given=[row("a", "b", "c"), row("a", "a", "a")])
    told = [[each.get("outlets") for line in found["sentences"] for each in line["why"]] for found in (named, one)]
    assert 3 in told[0]
    assert set(told[1]) == {None}


def test_summarize_says_why(newsgist: Newsgist) -> None:
    articles = [{"id": "a", "title": "a", "text": TEXT}, {"id": "b", "title": "b", "text": harbour_report("Orsa", 5)}]
    (told,) = newsgist.rows("summarize", "--story", "--why", given=[{"id": 1, "articles": articles}])
    alone = json.loads(newsgist("summarize", "--why", "--json", given=TEXT))
    for each in (*told["sentences"], *alone["sentences"]):
        assert 1 <= len(each["why"]) <= 3
        assert all({"reason", "weight"} <= set(one) for one in each["why"])


def test_summarize_says_why_in_words_for_people(newsgist: Newsgist) -> None:
    lines = newsgist("summarize", "--sentences", "2", "--why", given=TEXT).splitlines()
    assert len(lines) == 4
    assert all(sentence in TEXT for sentence in lines[::2])
    assert all(re.fullmatch(r"    [A-Z][^{}]+\.", reasons) for reasons in lines[1::2])


# ---- extract, feed, stories


def test_extract_gives_an_articles_facts(newsgist: Newsgist) -> None:
    asked = {"id": 1, "url": "https://tidewatch.example/1", "html_base64": base64_of(PAGE)}
    rows = newsgist.rows("extract", given=[asked, {"id": 2, "url": "", "html_base64": "%%%"}])
    assert set(rows[0]) == {"id", "title", "text", "author", "published_at", "lang", "site", "url"}
    assert rows[0]["title"] == "Timber fills the sheds"
    assert rows[0]["site"] == "Tidewatch"
    assert "Two cranes worked through the night" in rows[0]["text"]
    assert rows[1] == {"id": 2, "error": "html_base64 is not base64"}

    (newsgist.folder / "page.html").write_text(PAGE, encoding="utf-8")
    alone = json.loads(newsgist("extract", "page.html", "--url", "https://tidewatch.example/1", "--json"))
    assert alone == rows[0] | {"id": "page.html"}


def test_feed_gives_entries(newsgist: Newsgist) -> None:
    asked = {"id": 1, "url": "https://tidewatch.example/feed.xml", "body_base64": base64_of(FEED)}
    good, bad = newsgist.rows("feed", given=[asked, {"id": 2, "url": "", "body_base64": base64_of("plain words")}])
    assert good["title"] == "Tidewatch"
    (entry,) = good["entries"]
    assert set(entry) == {"id", "url", "title", "author", "published_at", "summary", "content"}
    assert entry["url"] == "https://tidewatch.example/1"
    assert entry["published_at"].startswith("2026-05-04T12:05:00")
    assert bad["id"] == 2
    assert bad["error"]

    assert "Timber fills the sheds" in newsgist("feed", "-", given=FEED)
    refused = newsgist("feed", "-", given=PAGE, status=1)
    assert "newsgist discover" in refused
    assert "not_a_feed" not in refused


def test_extract_of_plain_text_begins_with_it(newsgist: Newsgist) -> None:
    text = "The crane at Pier 4 has leaned over the water since Monday, and nobody can say for how long it will."
    assert newsgist("extract", given=text).splitlines()[0] == text


@pytest.mark.parametrize("closed", ["stdin", "stdout"])
def test_a_stream_without_input_or_output_is_one_line(closed: str) -> None:
    line = f'"$0" -m bot feed --jsonl {"<&-" if closed == "stdin" else "</dev/null >&-"}'
    done = subprocess.run(
        ["sh", "-c", line, sys.executable],
        capture_output=True,
        text=True,
        env=plain_environment(),
        timeout=60,
        check=False,
    )
    name = "input" if closed == "stdin" else "output"
    assert (done.returncode, done.stderr) == (1, f"newsgist: standard {name} is closed\n")


def test_stories_groups_reports_under_one_title(newsgist: Newsgist) -> None:
    at = "2026-05-04T12:00:00+00:00"
    given = [
        {"id": "a", "title": "Sable Bridge shut after crack", "text": TEXT, "published_at": at},
        {"id": "b", "title": "Herring quota is halved", "text": harbour_report("Orsa", 5), "published_at": at},
        {"id": "c", "title": "Sable bridge shut after crack", "text": TEXT, "published_at": at},
        {"id": "d", "title": "x", "text": "", "published_at": "yesterday"},
        {"id": "e"},
    ]
    rows = newsgist.rows("stories", given=given)
    assert [row["id"] for row in rows] == ["a", "b", "c", "d", "e"]
    assert rows[4] == {"id": "e", "error": "title and text are missing"}
    assert rows[0]["story"] == rows[2]["story"] != rows[1]["story"]
    assert "ISO 8601" in rows[3]["error"]


# ---- the web


async def test_discover_lists_a_pages_feeds_where_the_address_may_be_read(newsgist: Newsgist) -> None:
    async with serving_site() as site:
        paper = Paper(site=site, key="paper", name="Tidewatch")
        allowed = {"NEWSGIST_ALLOW_PRIVATE": f"127.0.0.1:{site.port}"}
        said = await asyncio.to_thread(newsgist, "discover", paper.front, "--json", settings=allowed)
        assert json.loads(said) == [{"url": paper.feed, "title": "Tidewatch"}]
        refused = await asyncio.to_thread(newsgist, "discover", paper.front, status=1)
        assert "private" in refused
        assert "NEWSGIST_ALLOW_PRIVATE" in refused
        nothing = await asyncio.to_thread(
            newsgist, "discover", site.serve("/none", "<html>"), settings=allowed, status=1
        )
        assert "offers no feed" in nothing
        gone = await asyncio.to_thread(newsgist, "discover", site.url("/gone"), settings=allowed, status=1)
        assert "404" in gone


# ---- data


def test_migrate_backup_and_restore_carry_the_data_over(newsgist: Newsgist) -> None:
    assert newsgist("migrate").startswith("The schema is at revision ")
    newsgist("backup", "copy.db")
    with closing(sqlite3.connect(newsgist.folder / "copy.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM feeds").fetchone() == (0,)
    said = newsgist("restore", "copy.db")
    assert said.startswith("Restored from copy.db; the old database is ")
    (newsgist.folder / "noise.db").write_bytes(b"no database at all" * 100)
    assert "noise.db" in newsgist("restore", "noise.db", status=1)
    assert "missing.db" in newsgist("restore", "missing.db", status=1)


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_postgresql_is_left_to_its_own_tools_without_showing_the_password(
    newsgist: Newsgist, command: str, tool: str
) -> None:
    settings = {
        "NEWSGIST_DATABASE_URL": "postgresql://news:secretword@db.example/news",
        "NEWSGIST_BOT_TOKEN": "700000042:a-token-of-the-right-form",
    }
    said = newsgist(command, "copy.dump", settings=settings, status=1)
    assert f"PostgreSQL has its own: {tool} " in said
    assert "secretword" not in said


def test_check_tells_one_line_for_each_subject_and_fails_on_a_fault(newsgist: Newsgist) -> None:
    lines = newsgist("check").splitlines()
    assert [re.sub(r":.*", "", line) for line in lines] == ["ok    settings", "ok    database", "ok    guard"]

    settings = {
        "NEWSGIST_BOT_TOKEN": "700000042:a-token-of-the-right-form",
        "NEWSGIST_BOT_API_URL": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-m", "bot", "check"],
        capture_output=True,
        cwd=newsgist.folder,
        env=plain_environment() | settings,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert b"FAULT token: " in done.stdout
    assert b"a-token-of-the-right-form" not in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr


# ---- errors


@pytest.mark.parametrize(
    "arguments",
    [
        ("summarize", "no-such-file.txt"),
        ("summarize", "--jsonl", "no-such-file.jsonl"),
        ("extract", "no-such-file.html"),
        ("feed", "no-such-file.xml"),
        ("discover", "http://10.1.2.3/"),
        ("discover", "file:///etc/passwd"),
        ("summarize", "http://nowhere.invalid/"),
    ],
    ids=" ".join,
)
def test_failure_is_one_line_and_status_1(newsgist: Newsgist, arguments: tuple[str, ...]) -> None:
    newsgist(*arguments, status=1)


def test_document_that_is_no_feed_or_no_article_is_one_line_and_status_1(newsgist: Newsgist) -> None:
    newsgist("feed", "-", given="these are just words", status=1)
    newsgist("extract", "-", given=b"\x00\x01\x02", status=1)


def test_text_without_a_sentence_is_one_line_and_status_1(newsgist: Newsgist) -> None:
    assert newsgist("summarize", "-", given="", status=1) == "newsgist: There is no sentence in standard input.\n"


def test_sentence_over_several_lines_is_printed_on_one(newsgist: Newsgist) -> None:
    assert newsgist("summarize", "-", "--sentences", "1", given=textwrap.fill(TEXT, 60)).count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("summarize", "--method", "magic"),
        ("summarize", "--sentences", "0"),
        ("summarize", "--story"),
        ("stories",),
        ("stories", "--jsonl", "https://tidewatch.example/"),
        ("run", "--role", "cook"),
        ("run", "--back-at", "noon"),
        ("run", "--replay", "no-such-folder"),
        ("discover",),
        ("nonsense",),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2(newsgist: Newsgist, arguments: tuple[str, ...]) -> None:
    newsgist(*arguments, status=2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("summarize", "--sentences", "x"), "newsgist: --sentences wants a number\nTry: newsgist summarize --help\n"),
        (("summarize", "--sentences", "0"), "newsgist: --sentences wants at least 1\nTry: newsgist summarize --help\n"),
        (("nonsense",), "newsgist: there is no command nonsense\nTry: newsgist --help\n"),
        (("run", "--nope"), "newsgist: there is no option --nope; did you mean --role\nTry: newsgist run --help\n"),
        (("export",), "newsgist: chat is missing\nTry: newsgist export --help\n"),
        (("version", "two"), "newsgist: too much: two\nTry: newsgist version --help\n"),
    ],
    ids=["no number", "too small", "no command", "no option", "nothing named", "too much"],
)
def test_wrong_usage_is_told_in_two_plain_lines(newsgist: Newsgist, arguments: tuple[str, ...], words: str) -> None:
    assert newsgist(*arguments, status=2) == words


def test_no_command_shows_what_there_is(newsgist: Newsgist) -> None:
    assert "summarize" in newsgist(status=2)


def test_faulty_settings_are_told_all_at_once(newsgist: Newsgist) -> None:
    settings = {"NEWSGIST_BOT_TOKEN": "nonsense", "NEWSGIST_LISTEN": "nowhere", "NEWSGIST_POLL_MIN_S": "soon"}
    said = newsgist("run", settings=settings, status=1)
    assert all(f"NEWSGIST_{name}" in said for name in ("BOT_TOKEN", "LISTEN", "POLL_MIN_S"))
    assert "nonsense" not in said


def test_a_sandbox_says_what_a_token_looks_like(newsgist: Newsgist) -> None:
    assert "700000042:" in newsgist("sandbox", "--token", "bad", "--headless", status=2)


def test_live_settings_without_a_token_do_not_start_the_sandbox(newsgist: Newsgist) -> None:
    said = newsgist("run", settings={"NEWSGIST_ADMINS": "1"}, status=1)
    assert "no NEWSGIST_BOT_TOKEN" in said
