"""The table of buttons: ``area.verb`` to what it does and who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.chat import commands
from bot.chat.feeds import following, health, importing, sources, topics
from bot.chat.groups import places
from bot.chat.newsroom import editors, overview
from bot.chat.push import audience, desk, editing, listing, paying, progress, readers, sending
from bot.chat.settings import departure, exporting, pausing, screens
from bot.chat.stories import choosing, keeping, latest, searching, summarizing
from bot.chat.turn.turns import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

TAPS: Final[Mapping[str, Action]] = {
    "ad.again": sources.TRY_AGAIN,
    "ad.front": sources.TRY_FRONT,
    "ad.sum": summarizing.SUMMARIZE_AGAIN,
    "fd.follow": sources.FOLLOW_OFFER,
    "fd.leave": sources.LEAVE_OFFER,
    "fh.check": health.CHECK,
    "fh.take": health.TAKE,
    "fh.skip": health.SKIP,
    "fw.back": Action(handler=following.leave_filters),
    "sb.list": Action(handler=following.show_list),
    "sb.show": Action(handler=following.show),
    "sb.length": Action(handler=following.show_lengths, manages=True),
    "sb.chars": Action(handler=following.set_length, manages=True),
    "sb.pause": Action(handler=following.pause, manages=True),
    "sb.resume": Action(handler=following.resume, manages=True),
    "sb.remove": Action(handler=following.remove, manages=True),
    "sb.restore": Action(handler=following.restore, manages=True),
    "rd.latest": Action(handler=latest.turn_page),
    "st.show": Action(handler=latest.send_story),
    **topics.TOPIC_TAPS,
    **screens.SETTINGS_TAPS,
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
    **desk.DESK_TAPS,
    **editing.EDITING_TAPS,
    **audience.AUDIENCE_TAPS,
    **sending.SENDING_TAPS,
    **progress.PROGRESS_TAPS,
    **listing.LISTING_TAPS,
    **paying.PAYING_TAPS,
    **readers.PUSH_READING_TAPS,
    "un.resend": Action(handler=overview.resend_unknown, newsroom=True),
    "un.leave": Action(handler=overview.leave_unknown, newsroom=True),
}
