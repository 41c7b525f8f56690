import json

import pytest

from bot.console.jsonl import Row, answer_line, answer_rows, write_row


def double(row: Row) -> Row:
    return {"twice": row["n"] * 2}


def lines(count: int) -> list[bytes]:
    return [json.dumps({"id": number, "n": number}).encode() for number in range(count)]


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 500])
def test_one_answer_a_line_in_order(count: int, processes: int) -> None:
    answers = list(answer_rows(lines(count), double, processes=processes))
    assert answers == [{"id": number, "twice": 2 * number} for number in range(count)]


def test_blank_lines_are_no_rows() -> None:
    assert len(list(answer_rows([b"\n", *lines(2), b"  \n"], double, processes=1))) == 2


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
