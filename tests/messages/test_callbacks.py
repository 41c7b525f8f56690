from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.callbacks import MAX_CALLBACK_BYTES, Callback, decode_callback

NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12)
IDS = st.integers(min_value=0, max_value=2**63 - 1)


@given(NAMES, NAMES, IDS, st.text(max_size=6))
def test_a_callback_survives_its_button(area: str, verb: str, number: int, arg: str) -> None:
    callback = Callback(area, verb, number, arg)
    try:
        data = callback.encode()
    except UnicodeEncodeError:
        return  # a lone surrogate is no text
    assert len(data.encode()) <= MAX_CALLBACK_BYTES
    assert decode_callback(data) == callback


@given(st.text(max_size=40) | st.from_regex(r"1:[a-z]+\.[a-z]+:[0-9a-zA-Z]{1,12}(:.*)?", fullmatch=True))
def test_data_that_is_understood_has_one_spelling(data: str) -> None:
    callback = decode_callback(data)
    if callback is not None:
        assert callback.encode() == data


@pytest.mark.parametrize(
    ("callback", "data"),
    [
        (Callback("st", "save", 0), "1:st.save:0"),
        (Callback("st", "save", 61, "1"), "1:st.save:Z:1"),
        (Callback("pu", "send", 62, "9f3ac1d2"), "1:pu.send:10:9f3ac1d2"),
        (Callback("a", "b", 2**63 - 1, "x:y"), "1:a.b:aZl8N0y58M7:x:y"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_callbacks_are_written_in_base62(callback: Callback, data: str) -> None:
    assert callback.encode() == data
    assert decode_callback(data) == callback


@pytest.mark.parametrize(
    "data",
    ["", "1", "2:st.save:1", "1:st:1", "1:st.save", "1:st.save:", "1:st.save:-1", "1:st.save:1:", "1:st.save:01", "x"],
)
def test_data_of_others_is_no_callback(data: str) -> None:
    assert decode_callback(data) is None


@pytest.mark.parametrize(
    "callback",
    [
        pytest.param(Callback("st", "save", -1), id="negative id"),
        pytest.param(Callback("ST", "save", 1), id="upper-case area"),
        pytest.param(Callback("st", "sa.ve", 1), id="dot in the verb"),
        pytest.param(Callback("st", "save", 1, "ї" * 30), id="over 64 bytes"),
    ],
)
def test_what_no_button_can_carry_is_refused(callback: Callback) -> None:
    with pytest.raises(ValueError, match=r".+"):
        callback.encode()
