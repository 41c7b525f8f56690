from __future__ import annotations

import pytest

from bot.messages.outgoing import Button, MessageTooLongError, OutgoingMessage
from bot.sandbox.telegram.rules import check_keyboard


def test_previews_are_off_and_nothing_is_said_about_sound_or_keys() -> None:
    assert OutgoingMessage("<b>A</b>").parameters() == {
        "text": "<b>A</b>",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def test_keys_sound_and_preview_are_told() -> None:
    keyboard = ((Button("More", data="1:st.more:1"), Button("Open", url="https://a.example")),)
    parameters = OutgoingMessage("A", keyboard=keyboard, silent=True, preview=True).parameters()
    assert parameters["disable_notification"] is True
    assert parameters["link_preview_options"] == {"is_disabled": False, "prefer_small_media": True}
    assert parameters["reply_markup"] == {
        "inline_keyboard": [
            [{"text": "More", "callback_data": "1:st.more:1"}, {"text": "Open", "url": "https://a.example"}]
        ]
    }
    assert check_keyboard(parameters["reply_markup"]) is not None


@pytest.mark.parametrize(
    ("fits", "breaks"),
    [
        pytest.param("x" * 4096, "x" * 4097, id="units"),
        pytest.param("🦊" * 2048, "🦊" * 2048 + "x", id="units beyond the basic plane"),
        pytest.param("&amp;" * 4096, "&amp;" * 4097, id="references"),
        pytest.param("<b>x</b>" * 100, "<b>x</b>" * 101, id="entities"),
        pytest.param(
            f'<a href="https://a.example/{"x" * 32000}">x</a>',
            f'<a href="https://a.example/{"x" * 33000}">x</a>',
            id="bytes",
        ),
    ],
)
def test_a_message_over_a_limit_is_refused(fits: str, breaks: str) -> None:
    assert OutgoingMessage(fits).parameters()["text"] == fits
    with pytest.raises(MessageTooLongError):
        OutgoingMessage(breaks).parameters()


@pytest.mark.parametrize("button", [{}, {"data": "1:a.b:1", "url": "https://a.example"}])
def test_a_button_does_one_thing(button: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="data or an address"):
        Button("A", **button)
