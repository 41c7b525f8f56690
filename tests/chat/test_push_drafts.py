"""A push as its editor has it: lengths, what is left out, what is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.chat.push.drafts import Draft, draft_of, find_draft
from bot.chat.turn.requests import Deed, Request
from bot.news.errors import WorkerCrashed
from bot.news.reader import Reader
from bot.news.workers import Workers
from storage.model import ChatKind, Content, Push, PushState

SENTENCES = tuple((10 * place, "x" * size) for place, size in enumerate((30, 50, 20, 40)))
DRAFT = Draft(title="T", sentences=SENTENCES, levels=((2,), (0, 2), (0, 1, 2, 3)), chosen=(0, 2))


@pytest.mark.parametrize(
    ("chosen", "by", "wanted"),
    [
        ((0, 2), -1, (2,)),
        ((0, 2), 1, (0, 1, 2, 3)),
        ((2,), -1, None),
        ((0, 1, 2, 3), 1, None),
        ((1,), -1, (2,)),
        ((0, 1), 1, (0, 1, 2, 3)),
        ((), 1, (2,)),
        ((), -1, None),
    ],
    ids=["shorter", "longer", "shortest", "longest", "own to shorter", "own to longer", "none to longer", "none"],
)
def test_length_steps_to_the_next_that_is_shorter_or_longer(
    chosen: tuple[int, ...], by: int, wanted: tuple[int, ...] | None
) -> None:
    draft = Draft(title="T", sentences=SENTENCES, levels=DRAFT.levels, chosen=chosen).step(by)
    assert (draft.chosen if draft is not None else None) == wanted


def test_left_out_is_what_the_greatest_length_has_beyond() -> None:
    assert DRAFT.left_out() == ["x" * 50, "x" * 40]
    assert DRAFT.texts() == ["x" * 30, "x" * 20]


def test_what_an_editor_took_out_by_hand_is_in_no_length_and_below_no_more() -> None:
    whole = Draft(title="T", sentences=SENTENCES, levels=DRAFT.levels, chosen=(0, 1, 2, 3))
    without = whole.choose(2, wanted=False)
    assert without.chosen == (0, 1, 3)
    assert without.left_out() == []
    assert without.step(1) is None
    shorter = without.step(-1)
    assert shorter is not None
    assert shorter.chosen == (0,)
    assert shorter.left_out() == ["x" * 50, "x" * 40]
    assert shorter.step(-1) is None
    assert without.choose(2, wanted=True) == whole


def test_push_whose_sentences_were_chosen_by_hand_has_no_more_than_these() -> None:
    assert DRAFT.choose(1, wanted=True).left_out() == []


def test_draft_is_kept_and_read_again_as_it_was() -> None:
    push = Push(
        id=1,
        editor_id=1,
        subscriber_id=1,
        article_id=1,
        content=Content(id=1, digest="", payload={}),
        state=PushState.DRAFT,
        created_at=datetime(2026, 5, 4, tzinfo=UTC),
        draft=DRAFT.as_json(),
    )
    assert draft_of(push) == DRAFT
    assert draft_of(replace(push, draft=json.loads(json.dumps(DRAFT.choose(0, wanted=False).as_json())))).dropped == (
        0,
    )


def test_equal_pushes_are_known_by_their_address_or_else_by_their_words() -> None:
    page = Draft(url="https://tidewatch.example/a", title="One", sentences=SENTENCES)
    assert page.digest() == Draft(url="https://tidewatch.example/a", title="Two").digest()
    assert DRAFT.digest() == Draft(title="T", sentences=SENTENCES, chosen=(1,)).digest()
    assert DRAFT.digest() != Draft(title="Another", sentences=SENTENCES).digest()


async def test_text_whose_reading_breaks_is_kept_for_another_try_and_the_cause_is_logged() -> None:
    async with Workers(most_workers=1) as workers:
        web: Any = None
        reader = Reader(web, workers)
    request = Request(update_id=1, deed=Deed.MESSAGE, chat_id=5, chat_kind=ChatKind.PRIVATE, user_id=5)
    turn: Any = SimpleNamespace(
        argument="Water off\nIt is back.", request=request, house=SimpleNamespace(reader=reader)
    )
    with capture_logs() as logged:
        found = await find_draft(turn)
    assert found.text == "Water off\nIt is back."
    assert isinstance(found.trouble, WorkerCrashed)
    assert [(line["log_level"], line["error"]) for line in logged] == [("warning", str(found.trouble))]
