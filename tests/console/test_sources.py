"""Single texts and pages as bytes, and what of them reaches a terminal."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import pytest

from bot.console.printing import print_sentences, print_text
from bot.console.sources import SourceError, read_page, read_text
from tests.support.paper import page

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "Der Rat beschloß am Dienstag, die Brücke neu zu bauen.\n"
PAGE = page(
    "Timber fills the sheds", "Two cranes worked through the night at the quay of Aldmoor.", site="T", feed="/f"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "report.txt"


@pytest.mark.parametrize(
    "written",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        *(TEXT.encode(name) for name in ("utf-16", "utf-32")),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"),
    ],
    ids=["UTF-8", "UTF-8 with a mark", "UTF-16", "UTF-32", "big-endian UTF-16", "big-endian UTF-32"],
)
def test_a_byte_order_mark_is_believed_and_no_part_of_the_text(file: Path, written: bytes) -> None:
    file.write_bytes(written)
    assert read_text(str(file)) == {"id": str(file), "text": TEXT}
    assert read_page(str(file)) == (written, "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_page_is_known_behind_a_byte_order_mark(file: Path, encoding: str) -> None:
    file.write_bytes(PAGE.encode(encoding))
    row = read_text(str(file))
    assert row["title"] == "Timber fills the sheds"
    assert "Two cranes worked" in row["text"]
    assert "<" not in row["text"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (TEXT.encode("latin-1"), "is not UTF-8 text; convert it, as with: iconv -f LATIN1 -t UTF-8"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "is not UTF-16 text"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00", "is binary; a text or a page was expected"),
        ("A\0B".encode("utf-16"), "is binary; a text or a page was expected"),
    ],
    ids=["Latin-1", "broken UTF-16", "binary", "NUL in UTF-16"],
)
def test_what_is_no_text_is_refused_by_name(file: Path, written: bytes, words: str) -> None:
    file.write_bytes(written)
    with pytest.raises(SourceError) as refused:
        read_text(str(file))
    assert str(refused.value).startswith(f"{file} {words}")


def test_a_binary_file_is_no_page(file: Path) -> None:
    file.write_bytes(b"\x7fELF\x02\x01\x01\x00\x00\x00")
    with pytest.raises(SourceError, match="is binary"):
        read_page(str(file))


def test_what_a_terminal_would_obey_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_text("The \x1b[31mcouncil\x1b[0m\tvoted \x1b]0;pwned\x07on\r\nTuesday\x9b2J.\x7f\n")
    assert capsys.readouterr().out == "The [31mcouncil[0m\tvoted ]0;pwnedon\nTuesday2J.\n\n"
    print_sentences([{"text": "It \x1b[1mpassed\x85by\nnine."}], why=False)
    assert capsys.readouterr().out == "It [1mpassed by nine.\n"


def test_a_method_without_reasons_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    near = [{"reason": "near_top", "weight": 0.2}]
    print_sentences([{"text": "One.", "why": []}, {"text": "Two.", "why": []}], why=True)
    assert capsys.readouterr().out == "One.\nTwo.\nThis method weighs the text as a whole and gives no reasons.\n"
    print_sentences([{"text": "One.", "why": near}, {"text": "Two.", "why": []}], why=True)
    assert capsys.readouterr().out == "One.\n    Near the top.\nTwo.\n"
