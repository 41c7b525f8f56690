import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from bot.console.jsonl import Row, answer_line, answer_lines, answer_stream, write_row
from bot.console.rows import SummaryOptions, summarize_row, summarize_rows


def double(row: Row) -> Row:
    if row["n"] in DEADLY:
        os._exit(3)
    return {"twice": row["n"] * 2, "by": os.getpid()}


DEADLY = {-1, -2}


def lines(numbers: range | list[int]) -> bytes:
    return b"".join(json.dumps({"id": place, "n": n}).encode() + b"\n" for place, n in enumerate(numbers))


def stream(folder: Path, given: bytes, *, processes: int, alone_s: float = 0.0) -> list[Row]:
    path, sink = folder / "rows.jsonl", io.BytesIO()
    path.write_bytes(given)
    with path.open("rb") as source:
        answer_stream(source, sink, double, processes=processes, alone_s=alone_s)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 2, 17, 500, 3000])
def test_one_answer_a_line_in_order(tmp_path: Path, count: int, processes: int) -> None:
    answers = stream(tmp_path, lines(range(count)), processes=processes)
    assert [(row["id"], row["twice"]) for row in answers] == [(number, 2 * number) for number in range(count)]


def test_every_process_works(tmp_path: Path) -> None:
    workers = {row["by"] for row in stream(tmp_path, lines(range(500)), processes=3)[1:]}
    assert len(workers) == 3
    assert os.getpid() not in workers


def test_little_work_starts_no_process(tmp_path: Path) -> None:
    answers = stream(tmp_path, lines(range(100)), processes=2, alone_s=60)
    assert {row["by"] for row in answers} == {os.getpid()}


def test_blank_lines_are_no_rows_and_the_last_needs_no_line_feed(tmp_path: Path) -> None:
    given = b"\n" + lines(range(40)).replace(b"\n", b"\r\n  \n").rstrip()
    assert [row["id"] for row in stream(tmp_path, given, processes=2)] == list(range(40))


def test_a_row_that_kills_its_process_fails_alone(tmp_path: Path) -> None:
    numbers = [-1 if place in {5, 70, 71} else place for place in range(200)]
    answers = stream(tmp_path, lines(numbers), processes=2)
    assert [row["id"] for row in answers] == list(range(200))
    assert {row["id"] for row in answers if "error" in row} == {5, 70, 71}


def test_an_answer_comes_while_more_input_is_awaited() -> None:
    """As a program asks that writes a line and reads its answer, before and after other processes have started."""
    source, asked = os.pipe()
    answered, sink = os.pipe()

    def work() -> None:
        with os.fdopen(source, "rb") as read, os.fdopen(sink, "wb") as write:
            answer_stream(read, write, double, processes=1)

    thread = threading.Thread(target=work)
    thread.start()
    with os.fdopen(asked, "wb", buffering=0) as ask, os.fdopen(answered, "rb") as hear:
        for number in range(50):
            ask.write(json.dumps({"id": number, "n": number}).encode() + b"\n")
            assert json.loads(hear.readline())["id"] == number
    thread.join()


_CHAIN = """
import sys, json, time
from bot.console.jsonl import answer_stream
def slow(row):
    time.sleep(row["s"])
    return {"text": "x" * row["chars"]}
answer_stream(sys.stdin.buffer, sys.stdout.buffer, slow, processes=2, alone_s=0)
"""


def chain() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", _CHAIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_workers_answer_one_line_at_a_time_too() -> None:
    with chain() as running:
        assert running.stdin
        assert running.stdout
        for number in range(20):
            running.stdin.write(json.dumps({"id": number, "s": 0, "chars": 3}).encode() + b"\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["id"] == number
        running.stdin.close()
    assert running.returncode == 0


def test_it_reads_no_further_than_its_answers_are_read() -> None:
    row = json.dumps({"id": 1, "s": 0, "chars": 100_000}).encode() + b" " * 10_000 + b"\n"
    with chain() as running:
        assert running.stdin
        assert running.stdout
        os.set_blocking(running.stdin.fileno(), False)
        taken, quiet_since = 0, time.monotonic()
        while taken < 100_000_000 and time.monotonic() - quiet_since < 1.0:
            try:
                taken += os.write(running.stdin.fileno(), row)
                quiet_since = time.monotonic()
            except BlockingIOError:
                time.sleep(0.01)
        running.kill()
    assert taken < 100_000_000


def test_it_ends_with_its_workers_when_nobody_reads() -> None:
    with chain() as running:
        assert running.stdin
        assert running.stdout
        given = b"".join(json.dumps({"id": n, "s": 0, "chars": 10_000}).encode() + b"\n" for n in range(200))
        running.stdin.write(given)
        running.stdin.close()
        running.stdout.readline()
        running.stdout.close()
        assert running.wait(timeout=60) != 0


@pytest.mark.parametrize(
    ("line", "row_id"),
    [
        pytest.param(b"{not json", None, id="no JSON"),
        pytest.param(b"[1]", None, id="no object"),
        pytest.param(b'{"id": 7}', 7, id="a field is missing"),
        pytest.param(b"\xff\xfe", None, id="no UTF-8"),
    ],
)
def test_a_bad_row_says_what_is_wrong_and_keeps_its_id(line: bytes, row_id: int | None) -> None:
    answer = answer_line(double, line)
    assert answer["id"] == row_id
    assert answer["error"]
    assert "\n" not in answer["error"]


def test_a_row_is_one_line_whatever_stands_in_it() -> None:
    written = write_row({"text": "a\nb\u2028c\ud800"})
    assert written.count(b"\n") == 1
    assert json.loads(written)["text"].startswith("a\nb\u2028c")


@pytest.mark.parametrize("line", [b'{"id": NaN, "n": 1}', b'{"id": 1e999, "n": 1}', b'{"id": -Infinity, "n": 1}'])
def test_what_goes_out_is_json_whatever_comes_in(line: bytes) -> None:
    written = write_row(answer_line(double, line))
    assert json.loads(written, parse_constant=pytest.fail)["error"]


def double_all(rows: Sequence[Row]) -> list[Row]:
    return [{**double(row), "together": len(rows)} for row in rows]


@pytest.mark.parametrize("processes", [1, 2])
def test_rows_that_are_there_are_answered_together(tmp_path: Path, processes: int) -> None:
    path, sink = tmp_path / "rows.jsonl", io.BytesIO()
    path.write_bytes(lines(range(300)))
    with path.open("rb") as source:
        answer_stream(source, sink, double, together=double_all, processes=processes, alone_s=0)
    answers = [json.loads(line) for line in sink.getvalue().splitlines()]
    assert [(row["id"], row["twice"]) for row in answers] == [(number, 2 * number) for number in range(300)]
    assert max(row.get("together", 1) for row in answers) > 1


@pytest.mark.parametrize(
    "bad", [b"{not json", b"[1]", b'{"id": 4}', b'{"id": 4, "text": 1}', b'{"id": 4, "text": null}']
)
def test_a_bad_row_among_good_ones_fails_alone(bad: bytes) -> None:
    texts = [f"The ferry brought {number} crates of fish." for number in range(6)]
    good = [json.dumps({"id": number, "text": text}).encode() for number, text in enumerate(texts)]
    options = SummaryOptions(sentences=1)
    answer, together = partial(summarize_row, options=options), partial(summarize_rows, options=options)
    answers = answer_lines(answer, [*good[:4], bad, *good[4:]], together)
    assert [answers.pop(4)] == answer_lines(answer, [bad])
    assert answers == answer_lines(answer, good)
    assert [row["sentences"][0]["text"] for row in answers] == texts
