from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.messages.html import visible_text
from bot.messages.push import progress_bar, render_progress, render_push, render_report, with_clock
from bot.messages.speech import speech
from storage.model import Tally
from tests.messages.reports import NOON

if TYPE_CHECKING:
    from bot.messages.outgoing import OutgoingMessage

BLOCKED = "Forbidden: bot was blocked by the user"


def push(
    *,
    title: str = "Water off in Old Aldmoor on Wednesday",
    sentences: tuple[str, ...] = ("Tankers will stand at Mill Square.",),
    url: str | None = "https://council.example/water",
    source: str = "Aldmoor Council",
    lang: str = "en",
    clock: str = "",
) -> OutgoingMessage:
    return render_push(title=title, sentences=sentences, url=url, source=source, lang=lang, clock=clock)


def test_a_push_with_its_address() -> None:
    assert push().text == (
        "<b>Water off in Old Aldmoor on Wednesday</b>\n"
        "\n"
        "Tankers will stand at Mill Square.\n"
        "\n"
        "From the newsroom · "
        '<a href="https://council.example/water#:~:text=Tankers%20will%20stand%20at%20Mill%20Square.">'
        "Aldmoor Council</a>"
    )


@pytest.mark.parametrize(
    ("message", "last_line"),
    [
        pytest.param(push(url=None), "From the newsroom · Text: Aldmoor Council", id="no address"),
        pytest.param(push(url=None, source=""), "From the newsroom", id="no source"),
        pytest.param(push(source=""), "From the newsroom · council.example", id="no name: the host"),
        pytest.param(push(lang="uk", url=None), "Від редакції · Текст: Aldmoor Council", id="in Ukrainian"),
    ],
)
def test_the_source_of_a_push(message: OutgoingMessage, last_line: str) -> None:
    assert visible_text(message.text).split("\n")[-1] == last_line


def test_a_push_tells_a_time_of_day_where_it_is_known_whose_or_gets_it_later() -> None:
    told = push(clock="14:05").text
    assert visible_text(told).endswith("\nFrom the newsroom · Aldmoor Council · 14:05")
    assert with_clock(push().text, "14:05") == told


def test_a_push_without_a_title_begins_with_its_sentence() -> None:
    assert push(title="").text.startswith("Tankers will stand at Mill Square.\n\nFrom the newsroom")


def test_a_push_runs_as_its_title_does() -> None:
    text = visible_text(push(title="אין מים", sentences=("מיכליות יעמדו בכיכר.",), url=None).text)
    assert all(line.startswith("\u200f") for line in text.split("\n") if line)


@pytest.mark.parametrize(
    ("fraction", "bar"),
    [
        (-1.0, "░░░░░░░░░░"),
        (0.0, "░░░░░░░░░░"),
        (0.61, "██████░░░░"),
        (0.999, "█████████░"),
        (1.0, "██████████"),
        (7.0, "██████████"),
    ],
)
def test_the_bar_fills_with_the_work(fraction: float, bar: str) -> None:
    assert progress_bar(fraction) == bar


@pytest.mark.parametrize(
    ("tally", "seconds", "line"),
    [
        pytest.param(
            Tally(planned=1204, sent=720, dead=14, queued=450, sending=20),
            26.0,
            "61 %: 734 of 1,204 · 28/s · 17 s left ██████░░░░",
            id="under way",
        ),
        pytest.param(Tally(), 0.0, "0 %: 0 of 0 ░░░░░░░░░░", id="nothing planned yet"),
        pytest.param(Tally(planned=10, queued=10), 5.0, "0 %: 0 of 10 ░░░░░░░░░░", id="nothing sent yet"),
        pytest.param(
            Tally(planned=1000, sent=999, sending=1),
            40.0,
            "99 %: 999 of 1,000 · 25/s · 0 s left █████████░",
            id="nearly all",
        ),
        pytest.param(
            Tally(planned=100, sent=10, queued=90),
            40.0,
            "10 %: 10 of 100 · 6 min left █░░░░░░░░░",
            id="slower than one a second",
        ),
        pytest.param(Tally(planned=4, sent=4), 0.5, "100 %: 4 of 4 ██████████", id="all at once"),
    ],
)
def test_progress(tally: Tally, seconds: float, line: str) -> None:
    text = render_progress(speech("en"), tally, push_id=27, started_at=NOON, now=NOON + timedelta(seconds=seconds))
    assert visible_text(text) == f"{line}\nPush 27"
    assert text.count("<code>") == text.count("</code>") == 1


@pytest.mark.parametrize(
    ("resting", "line"),
    [
        (3, "50 %: 5 of 10 · 2 s left · 3 wait for their quiet hours to end █████░░░░░"),
        (5, "50 %: 5 of 10 · 5 wait for their quiet hours to end █████░░░░░"),
    ],
    ids=["some are on their way", "only they are left"],
)
def test_progress_counts_no_time_for_chats_whose_quiet_hours_it_waits_for(resting: int, line: str) -> None:
    tally, now = Tally(planned=10, sent=5, queued=5), NOON + timedelta(seconds=6)
    text = render_progress(speech("en"), tally, push_id=27, started_at=NOON, now=now, resting=resting)
    assert visible_text(text) == f"{line}\nPush 27"


@pytest.mark.parametrize(
    ("lang", "tally", "line"),
    [
        pytest.param(
            "en",
            Tally(planned=1204, sent=1187, dead=15, unknown=2, reasons={BLOCKED: 12, "Bad Request: chat not found": 3}),
            "1,187 of 1,204 delivered in 43 s. 12 blocked the bot, 3 failed, 2 unknown.",
            id="losses of every kind",
        ),
        pytest.param("en", Tally(planned=5, sent=5), "5 of 5 delivered in 43 s.", id="no losses"),
        pytest.param(
            "en",
            Tally(planned=1204, sent=734, cancelled=470),
            "734 of 1,204 delivered in 43 s. 470 not sent.",
            id="cancelled",
        ),
        pytest.param(
            "uk",
            Tally(planned=1204, sent=1178, dead=24, unknown=2, reasons={BLOCKED: 21, "Bad Request: chat not found": 3}),
            "Доставлено 1\u00a0178 з 1\u00a0204 за 43 с. 21 заблокував бота, 3 не доставлено, 2 без відповіді.",
            id="in Ukrainian",
        ),
    ],
)
def test_the_report_names_every_loss(lang: str, tally: Tally, line: str) -> None:
    text = render_report(speech(lang), tally, push_id=27, seconds=43)
    assert text.split("\n")[0] == line
    assert text.split("\n")[1].endswith("27")
