"""The table of buttons: ``area.verb`` to what it does and who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.chat import (
    choosing,
    commands,
    departure,
    editors,
    exporting,
    feed_health,
    following,
    importing,
    keeping,
    newsroom,
    pausing,
    places,
    push_editing,
    push_paying,
    push_reading,
    push_sending,
    pushing,
    reading,
    searching,
    settings,
    sources,
    topics,
)
from bot.chat.turns import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

TAPS: Final[Mapping[str, Action]] = {
    "ad.again": sources.TRY_AGAIN,
    "ad.front": sources.TRY_FRONT,
    "ad.sum": reading.SUMMARIZE_AGAIN,
    "fd.follow": sources.FOLLOW_OFFER,
    "fd.leave": sources.LEAVE_OFFER,
    "fh.check": feed_health.CHECK,
    "fh.take": feed_health.TAKE,
    "fh.skip": feed_health.SKIP,
    "sb.list": Action(handler=following.show_list),
    "sb.show": Action(handler=following.show),
    "sb.length": Action(handler=following.show_lengths, manages=True),
    "sb.chars": Action(handler=following.set_length, manages=True),
    "sb.pause": Action(handler=following.pause, manages=True),
    "sb.resume": Action(handler=following.resume, manages=True),
    "sb.remove": Action(handler=following.remove, manages=True),
    "sb.restore": Action(handler=following.restore, manages=True),
    "rd.latest": Action(handler=reading.turn_latest),
    "st.show": Action(handler=reading.send_story),
    **topics.TOPIC_TAPS,
    **settings.SETTINGS_TAPS,
    **choosing.CHOICE_TAPS,
    **keeping.KEEPING_TAPS,
    **importing.IMPORT_TAPS,
    **places.PLACE_TAPS,
    **searching.SEARCH_TAPS,
    **editors.EDITOR_TAPS,
    "me.help": Action(handler=commands.help_),
    "me.show": Action(handler=departure.show_privacy),
    "me.export": exporting.TAP_EXPORT,
    "me.ask": Action(handler=departure.tap_deletion, manages=True),
    "me.resume": pausing.TAP_RESUME,
    "me.delete": Action(handler=departure.delete, manages=True, own_data=True),
    "me.keep": Action(handler=departure.keep, manages=True, own_data=True),
    "pu.again": pushing.AGAIN,
    **push_editing.EDITING_TAPS,
    **push_sending.SENDING_TAPS,
    **push_paying.PAYING_TAPS,
    **push_reading.PUSH_READING_TAPS,
    "un.resend": Action(handler=newsroom.resend_unknown, newsroom=True),
    "un.leave": Action(handler=newsroom.leave_unknown, newsroom=True),
}
