"""What steers a single summary, and options that do not go together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.cli import cli
from tests.support.paper import harbour_report

if TYPE_CHECKING:
    from pathlib import Path

TEXT = " ".join(harbour_report(town, number) for number, town in enumerate(("Aldmoor", "Orsa", "Tarn"), start=1))
LATE = "A grey seal named Bertil slept on the slipway at Tarn through the whole ceremony."


def test_a_text_is_summarised_in_the_language_and_under_the_title_that_are_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.txt"
    file.write_text(f"{TEXT} {LATE}", encoding="utf-8")

    def summarize(*options: str) -> tuple[str, list[str]]:
        asked = ["summarize", str(file), "--json", "--sentences", "1", "--method", "edmundson"]
        cli([*asked, *options], standalone_mode=False)
        answer = json.loads(capsys.readouterr().out)
        return answer["lang"], [each["text"] for each in answer["sentences"]]

    lang, plain = summarize()
    assert lang == "en"
    assert plain != [LATE]
    assert summarize("--title", "Grey seal Bertil slept on slipway at Tarn") == ("en", [LATE])
    assert summarize("--lang", "de-AT")[0] == "de"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--jsonl", "--lang", "de"], "--lang and --title are for a single text"),
        (["--jsonl", "--title", "Seal"], "--lang and --title are for a single text"),
        (["--jsonl", "--story", "--lang", "de"], "--lang and --title are for a single text"),
        (["--lang", "german"], "--lang knows ar, cs, da, "),
        (["--jsonl", "--story", "--method", "lexrank"], "--story has one method, news; leave out --method lexrank"),
    ],
    ids=["a language for rows", "a title for rows", "a language for a story", "no language", "a method for a story"],
)
def test_options_that_do_not_go_together_are_wrong_usage(
    capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli(["summarize", "no-such-file", *options], standalone_mode=False)
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"newsgist: {words}")
