"""robots.txt (RFC 9309) for article pages: fetched through the guard, remembered for a day, matched in linear time."""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, urlsplit

from bot.news.errors import BadStatus, FetchError, TooLarge
from bot.news.web.client import Fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.news.web.client import Web

AGENT: Final = "newsgist"
_MOST_BYTES: Final = 512 * 1024
"""As much as the RFC asks every reader to take."""
_MOST_RULES: Final = 5000
_MOST_SITES: Final = 2000
_KEEP_S: Final = 86400.0
_RETRY_S: Final = 600.0
_TIMEOUT_S: Final = 8.0
_AGENT_NAME: Final = re.compile(r"[A-Za-z_-]+")


@dataclass(frozen=True, slots=True)
class _Rule:
    """A path pattern: the longest that matches decides."""

    allows: bool
    pattern: str


class Rules:
    """What one site allows us."""

    def __init__(self, rules: Sequence[_Rule]) -> None:
        # The longest first; of equally long ones the permission (RFC 9309, 2.2.2).
        self._rules = sorted(rules, key=lambda rule: (-len(rule.pattern), not rule.allows))

    def allow(self, path: str) -> bool:
        """Tell whether a path, with its query, may be read."""
        wanted = _normal(path)
        return next((rule.allows for rule in self._rules if _matches(rule.pattern, wanted)), True)


def parse_robots(text: str, agent: str = AGENT) -> Rules:
    """Read the rules that hold for us: those of our own name, else those for everyone.

    Args:
        text: of a robots.txt, however broken.
        agent: our name, in lower case.
    """
    groups: dict[str, list[_Rule]] = {}
    current: list[str] = []
    naming = False
    count = 0
    for line in text.splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        key, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            if not naming:
                current = []
            found = _AGENT_NAME.match(value)
            named = "*" if value.startswith("*") else found.group().lower() if found else ""
            current.append(named)
            groups.setdefault(named, [])
            naming = True
        elif key in {"allow", "disallow"}:
            naming = False
            count += 1
            if value and count <= _MOST_RULES:
                rule = _Rule(key == "allow", _normal(value))
                for named in current:
                    groups[named].append(rule)
    return Rules(groups.get(agent, groups.get("*", [])))


class Robots:
    """Asks each site once a day what it allows.

    Args:
        web: Fetches, through the guard.
        clock: Tells seconds that only grow.
    """

    def __init__(self, web: Web, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._clock = clock
        self._known: OrderedDict[str, tuple[Rules, float]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Rules]] = {}

    async def allow(self, url: str) -> bool:
        """Tell whether a page may be read; one that has no address to ask at may, as its fetch will fail by itself."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return True
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            return True
        site = f"{parts.scheme}://{parts.netloc.lower()}"
        rules = await self._rules(site)
        return rules.allow(parts.path + (f"?{parts.query}" if parts.query else ""))

    async def _rules(self, site: str) -> Rules:
        known = self._known.get(site)
        if known is not None and self._clock() < known[1]:
            self._known.move_to_end(site)
            return known[0]
        task = self._asking.get(site)
        if task is None:  # all who wait for one site's answer ask once
            task = asyncio.create_task(self._ask(site))
            self._asking[site] = task
            task.add_done_callback(lambda _: self._asking.pop(site, None))
        return await asyncio.shield(task)

    async def _ask(self, site: str) -> Rules:
        keep_s = _KEEP_S
        try:
            answer = await self._web.fetch(
                f"{site}/robots.txt", accept="text/plain, */*;q=0.1", max_bytes=_MOST_BYTES, timeout_s=_TIMEOUT_S
            )
            text = answer.body.decode("utf-8", "replace") if isinstance(answer, Fetched) else ""
            rules = parse_robots(text.lstrip("\ufeff"))
        except TooLarge:
            rules = Rules(())
        except BadStatus as error:
            # "Unavailable" allows everything, "unreachable" nothing for the time being (RFC 9309, 2.3.1).
            rules, keep_s = (Rules(()), _KEEP_S) if error.status < 500 and error.status != 429 else (_NOTHING, _RETRY_S)
        except FetchError:
            rules, keep_s = Rules(()), _RETRY_S  # the page itself will say what is wrong with the host
        self._known[site] = (rules, self._clock() + keep_s)
        while len(self._known) > _MOST_SITES:
            self._known.popitem(last=False)
        return rules


_NOTHING: Final = Rules((_Rule(False, "/"),))


def _normal(path: str) -> str:
    """Write percent-encoding in one way, so that patterns and paths can be compared."""
    plain = unquote(path or "/", errors="surrogateescape")
    return quote(plain, safe="/*$?=&:@!'()+,;~%[]", errors="surrogateescape")


def _matches(pattern: str, path: str) -> bool:
    """Match ``*`` and a final ``$``, from the path's beginning; linear, as each part is found once and never again."""
    anchored = pattern.endswith("$")
    first, *rest = (pattern[:-1] if anchored else pattern).split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, part in enumerate(rest, start=1):
        if anchored and number == len(rest):
            return path.endswith(part) and len(path) - len(part) >= at
        at = path.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return at == len(path) if anchored else True
