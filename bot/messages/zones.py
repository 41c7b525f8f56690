"""Time zones by the names that people use for them: a city or country in their language, or what their clock shows."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_CLOCK: Final = re.compile(r"\s*([01]?\d|2[0-3])\s*[:.hч]\s*([0-5]\d)\s*(am|pm)?\s*", re.IGNORECASE)
_AREAS: Final = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
_CLOSE: Final = 0.7
"""How alike a misspelt name must be to one that we know, of 1."""
_WELL_KNOWN: Final = tuple(
    f"{area}/{city}"
    for area, cities in (
        ("Europe", "London Berlin Paris Madrid Rome Kyiv Warsaw Moscow Istanbul Lisbon Amsterdam Bucharest Athens"),
        ("America", "New_York Los_Angeles Chicago Denver Sao_Paulo Mexico_City Bogota Lima Argentina/Buenos_Aires"),
        ("Asia", "Shanghai Kolkata Jakarta Tokyo Karachi Dhaka Manila Tehran Bangkok Ho_Chi_Minh Seoul Riyadh Dubai"),
        ("Africa", "Lagos Cairo Johannesburg Nairobi Algiers Casablanca Accra Khartoum"),
        ("Asia", "Baghdad Beirut Jerusalem Kabul Tashkent Almaty Kathmandu Colombo Yangon Hong_Kong Singapore Taipei"),
        ("Europe", "Vienna Zurich Brussels Stockholm Helsinki Prague Budapest Dublin Minsk Chisinau Sofia Belgrade"),
        ("Australia", "Sydney Brisbane Perth Adelaide Darwin"),
        ("America", "Toronto Vancouver Halifax St_Johns Santiago Caracas Anchorage Phoenix Nuuk Noronha"),
        ("Asia", "Yekaterinburg Omsk Krasnoyarsk Irkutsk Yakutsk Vladivostok Magadan Kamchatka Tbilisi Yerevan Baku"),
        ("Pacific", "Auckland Honolulu Fiji Guam Port_Moresby Noumea Tongatapu Kiritimati Pago_Pago Chatham"),
        ("Atlantic", "Reykjavik Azores Cape_Verde"),
    )
    for city in cities.split()
)
"""One city or more for each time that a clock can show, where most people live first."""
_STEP: Final = timedelta(minutes=15)
"""All zones differ from UTC by whole quarters of an hour; a clock that was read a few minutes ago is still right."""
_MOST_OFFERS: Final = 6


_USUAL: Final = {
    "de": "Europe/Berlin",
    "fa": "Asia/Tehran",
    "fr": "Europe/Paris",
    "it": "Europe/Rome",
    "pl": "Europe/Warsaw",
    "tr": "Europe/Istanbul",
    "uk": "Europe/Kyiv",
}
"""Languages most of whose speakers live under one clock; where many clocks are usual, none is guessed."""


def zone_name(tz: str) -> str:
    """Name a zone as people write it: the world's own time has no place."""
    return tz.removeprefix("Etc/")


def usual_zone(lang: str) -> str:
    """Guess the zone of somebody new by their language; UTC where that says little. Settings change it."""
    return _USUAL.get(lang, "UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneAnswer:
    """What we make of what somebody wrote.

    Attributes:
        tz: The zone that is meant, an IANA name; empty where that is not sure.
        offers: Zones that may be meant, the likeliest first.
    """

    tz: str = ""
    offers: tuple[str, ...] = ()


def find_zone(written: str, *, lang: str, now: datetime) -> ZoneAnswer:
    """Find the time zone that somebody means by a city, a country, an IANA name or the time on their clock.

    Args:
        written: What they wrote.
        lang: Their language; English and the IANA names are understood as well.
        now: The present instant, against which a clock's time is held.
    """
    clock = _CLOCK.fullmatch(written)
    if clock is not None:
        return ZoneAnswer(offers=_zones_showing(clock, lang=lang, now=now))
    names = _names(lang)
    key = _key(written)
    zones = names.get(key, ())
    if len(zones) == 1:
        return ZoneAnswer(tz=zones[0])
    if zones:
        return ZoneAnswer(offers=zones[:_MOST_OFFERS])
    meant: dict[str, None] = {}
    for name in difflib.get_close_matches(key, names, n=3, cutoff=_CLOSE):
        meant.update(dict.fromkeys(names[name]))
    return ZoneAnswer(offers=tuple(meant)[:3])


def _zones_showing(clock: re.Match[str], *, lang: str, now: datetime) -> tuple[str, ...]:
    """List zones whose clocks show a time now; first those of countries where the language is spoken."""
    hour, minute = int(clock[1]), int(clock[2])
    if clock[3]:
        hour = hour % 12 + (12 if clock[3].lower() == "pm" else 0)
    utc = now.astimezone(UTC)
    ahead = timedelta(hours=hour, minutes=minute) - timedelta(hours=utc.hour, minutes=utc.minute)
    offset = _STEP * round(ahead / _STEP)
    wanted = {offset + timedelta(days=days) for days in (-1, 0, 1)}
    known = available_timezones()
    zones = [tz for tz in _WELL_KNOWN if tz in known and now.astimezone(ZoneInfo(tz)).utcoffset() in wanted]
    return tuple(sorted(zones, key=lambda tz: not _speaks(tz, lang)))[:_MOST_OFFERS]


def _speaks(tz: str, lang: str) -> bool:
    territory = get_global("zone_territories").get(tz)
    spoken = get_global("territory_languages").get(str(territory), {}).get(lang)
    return bool(spoken and spoken.get("official_status"))


@functools.lru_cache(maxsize=16)
def _names(lang: str) -> Mapping[str, tuple[str, ...]]:
    """Map every name of a zone to the zones that bear it: cities and countries in a language and in English."""
    names: dict[str, dict[str, None]] = {}

    def add(name: object, tz: str) -> None:
        if isinstance(name, str) and (key := _key(name)):
            names.setdefault(key, {})[tz] = None

    known = available_timezones()
    aliases: Mapping[str, str] = get_global("zone_aliases")
    for tz in sorted(known):
        if tz.partition("/")[0] not in _AREAS:
            continue
        today = _today(aliases.get(tz, tz), known)
        add(tz, today)
        add(tz.rpartition("/")[2].replace("_", " "), today)
    for locale in (Locale.parse(lang), Locale.parse("en")):
        for tz, said in locale.time_zones.items():
            today = _today(aliases.get(tz, tz), known)
            if today in known:
                add(said.get("city"), today)
        zones: Mapping[str, list[str]] = get_global("territory_zones")
        for territory, its in zones.items():
            main = [tz for tz in _WELL_KNOWN if tz in its] or its[:1]
            for tz in main:
                if tz in known:
                    add(locale.territories.get(territory), tz)
    return {name: tuple(zones) for name, zones in names.items()}


def _today(tz: str, known: set[str]) -> str:
    """Give a zone the name that it bears today: CLDR keeps the oldest."""
    return "Europe/Kyiv" if tz == "Europe/Kiev" and "Europe/Kyiv" in known else tz


def _key(name: str) -> str:
    """Make names alike that differ in case, accents and marks."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    marks = (mark for mark in plain if unicodedata.category(mark) != "Mn")
    return " ".join("".join(mark if mark.isalnum() or mark == "/" else " " for mark in marks).split())
