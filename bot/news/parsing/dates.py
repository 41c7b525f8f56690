"""Dates as feeds and pages write them: what they say, be it plausible or not."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_LONGEST_CHARS = 80
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv ene gen янв січ",
            "feb févr fev fév лют фев",
            "mar mär mrz mars мар бер",
            "apr avr abr апр кві",
            "may mai mag maj май мая тра",
            "jun juin giu июн чер",
            "jul juil lug июл лип",
            "aug août aoû ago авг сер",
            "sep set сен вер",
            "oct okt out ott окт жов",
            "nov ноя лис",
            "dec dez déc dic дек гру",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONES_H = {
    "ut": 0.0, "utc": 0.0, "gmt": 0.0, "z": 0.0, "wet": 0.0, "west": 1.0, "bst": 1.0, "cet": 1.0, "mez": 1.0,
    "cest": 2.0, "mesz": 2.0, "eet": 2.0, "eest": 3.0, "msk": 3.0, "hkt": 8.0, "sgt": 8.0, "jst": 9.0, "kst": 9.0,
    "aest": 10.0, "aedt": 11.0, "nzst": 12.0, "nzdt": 13.0, "est": -5.0, "edt": -4.0, "et": -5.0, "cst": -6.0,
    "cdt": -5.0, "mst": -7.0, "mdt": -6.0, "pst": -8.0, "pdt": -7.0, "akst": -9.0, "hst": -10.0,
}  # fmt: skip
# By far the commonest forms, which need no guessing.
_USUAL_RFC822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-9]{1,2}) ([A-Z][a-z]{2}) ([1-9][0-9]{3}) "
    r"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]) (GMT|[+-](?:0[0-9]|1[0-4])[0-5][0-9])"
)
_USUAL_ISO = re.compile(
    r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{3})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
)
_RFC822 = re.compile(
    r"(?:[^\W\d]{2,12}\.?\s*,?\s+)?(\d{1,2})[\s-]+([^\W\d]{3,12})\.?[\s-]+(\d{4}|\d{2})"
    r"(?:,?\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d{1,9})?)?)?\s*(.{0,40})"
)
_ISO = re.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})(?:[Tt\s]\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?)?"
    r"\s*(.{0,40})"
)
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-])([0-9]{1,2}):?([0-9]{2})?(?![0-9])", re.IGNORECASE)


_OTHER_DAYS = (datetime(2001, 1, 1), datetime(2010, 10, 10))  # noqa: DTZ001 - the zone is that of the text
"""Two days without anything in common, to see what of a date stands in a text."""


def parse_date(text: str | None) -> datetime | None:
    """Read an instant in RFC 822's form, ISO 8601's, or any that `dateutil` knows; ``None`` where none fits.

    A date without a zone is taken as UTC; a zone's name as the zone that newsrooms mean by it.

    Returns:
        Aware, UTC.
    """
    try:
        when = parse_local_date(text)
        return when.astimezone(UTC) if when is not None else None
    except OverflowError:  # it is in the year 1 or 9999 here, and in none in UTC
        return None


def parse_local_date(text: str | None) -> datetime | None:
    """Read an instant as :func:`parse_date` does, and keep the zone in which it is written.

    Returns:
        Aware.
    """
    if not text:
        return None
    try:
        if (when := _from_usual(text)) is not None:
            return when
        text = " ".join(text[:_LONGEST_CHARS].split())
        return _from_usual(text) or _from_iso(text) or _from_rfc822(text) or _from_anything(text)
    except (ValueError, OverflowError):
        return None


def _from_usual(text: str) -> datetime | None:
    if _USUAL_ISO.fullmatch(text):
        return datetime.fromisoformat(text)
    found = _USUAL_RFC822.fullmatch(text)
    if found is None:
        return None
    day, name, year, hour, minute, second, zone = found.groups()
    month = _MONTHS.get(name.lower())
    if month is None:
        return None
    return datetime(int(year), month, int(day), int(hour), int(minute), int(second), tzinfo=_zone(zone))


@lru_cache(maxsize=256)
def _zone(written: str) -> timezone:
    """Make a time zone of ``GMT`` or of a sign and four digits."""
    if written == "GMT":
        return UTC
    away = timedelta(hours=int(written[1:3]), minutes=int(written[3:]))
    return timezone(-away if written[0] == "-" else away)


def _from_iso(text: str) -> datetime | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    return _instant((int(year), int(month), int(day)), (hour, minute, second), zone, micro=micro)


def _from_rfc822(text: str) -> datetime | None:
    found = _RFC822.fullmatch(text)
    if found is None:
        return None
    day, name, year, hour, minute, second, zone = found.groups()
    name = name.lower()
    month = _MONTHS.get(name) or _MONTHS.get(name[:4]) or _MONTHS.get(name[:3])
    if month is None:
        return None
    # Python's email package and browsers take "0001", as Go writes that there is no date, for a year of two digits.
    full_year = int(year) if int(year) > 99 else int(year) + (1900 if int(year) > 68 else 2000)
    return _instant((full_year, month, int(day)), (hour, minute, second), zone)


def _instant(day: tuple[int, int, int], clock: tuple[str | None, ...], zone: str, *, micro: int = 0) -> datetime | None:
    """Put together a day, hours, minutes and seconds as written, and a zone as written."""
    offset = _offset(zone.strip())
    if offset is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in clock)
    next_day = hours == 24  # ISO 8601 lets a day end so
    # A leap second is told as 60, which no clock here can hold.
    local = datetime(*day, 0 if next_day else hours, minutes, min(seconds, 59), micro, tzinfo=timezone(offset))
    return local + timedelta(days=1) if next_day else local


def _offset(zone: str) -> timedelta | None:
    if not zone:
        return timedelta()
    found = _OFFSET.match(zone)
    if found is not None:
        sign, hours, minutes = found.groups()
        away = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return (-away if sign == "-" else away) if away < timedelta(hours=24) else None
    known = _ZONES_H.get(zone.partition(" ")[0].strip("()").lower())
    return timedelta(hours=known) if known is not None else None


def _from_anything(text: str) -> datetime | None:
    """Read a date in whatever order; where year, month or day is missing, it is none: dateutil would add today's."""
    if not any(char.isdigit() for char in text) or max(map(len, re.findall(r"\d+", text))) > 14:
        return None
    from dateutil import parser as dateutil_parser  # noqa: PLC0415 - slow to load, and hardly a feed needs it

    zones = {name.upper(): int(hours * 3600) for name, hours in _ZONES_H.items()}
    try:
        found, other = (
            dateutil_parser.parse(
                text, default=other_day, tzinfos=lambda name, offset: offset if name is None else zones.get(name, 0)
            )
            for other_day in _OTHER_DAYS
        )
        found.utcoffset()  # raises where a zone is a day away or more
    except (ValueError, OverflowError, TypeError, AttributeError):
        return None
    if found.date() != other.date():
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
