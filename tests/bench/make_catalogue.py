"""Make the list of feeds that ships: ``python -m tests.bench.make_catalogue --corpus FOLDER [--check]``.

Reads ``feeds_by_country.json`` of the folder: subjects, each with its language, its names and its feeds' addresses.
Leaves out what has not the form of a public feed's address, what looks like somebody's own key, and second spellings
of an address; writes ``bot/news/listed/feeds.txt``. The same corpus gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from bot.news.finding.catalogue import LISTED, key_of_address
from bot.news.web.secrecy import looks_secret

INTERFACE = ("uk", "de", "fr", "es", "ru", "pl", "pt", "it", "tr", "ar", "fa")
LANGUAGES = {"zh-Hans": "zh", "zh-Hant": "zh", "arq": "ar", "gr": "el", "sq-XK": "sq", "cnr": "sr"}
"""What is written there differs from ISO 639-1, or is spoken as another language is."""
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_MIRRORS = ("nitter.net", "fetchrss.com", "siftrss.com", "hnrss.org")
"""They show other sites' posts under addresses that come and go."""
_LONGEST = 300


def flaw_of(address: str) -> str:
    """Say why an address is left out; empty where it is not."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host) or len(address) > _LONGEST:
        return "form"
    if parts.port not in {None, 80, 443} or parts.fragment or re.search(r"[\s<>\"{}|\\^`]|&amp;", address):
        return "form"
    if host.endswith(_MIRRORS):
        return "mirror"
    return "secret" if looks_secret(address) else ""


def main() -> int:
    """Write the list, or with ``--check`` say whether it is as the corpus makes it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    subjects = json.loads((options.corpus / "feeds_by_country.json").read_text(encoding="utf-8"))
    left_out: Counter[str] = Counter()
    heads: list[str] = []
    feeds: dict[str, tuple[str, list[int]]] = {}
    for number, (name, subject) in enumerate(sorted(subjects.items())):
        code = subject["source_language"]
        names = subject["display_names"]
        others = [f"{lang}={names[lang]}" for lang in INTERFACE if names.get(lang, name) != name]
        heads.append("\t".join([name, LANGUAGES.get(code, code), *others]))
        for address in map(str.strip, sorted(subject["feeds"], key=lambda each: (each.startswith("http:"), each))):
            if flaw := flaw_of(address):
                left_out[flaw] += 1
                continue
            _, numbers = feeds.setdefault(key_of_address(address), (address, []))
            if number in numbers:
                left_out["twice"] += 1
            else:
                numbers.append(number)
    lines = [f"{address}\t{','.join(map(str, numbers))}" for address, numbers in sorted(feeds.values())]
    text = "\n".join([*heads, "", *lines, ""])
    target = LISTED / "feeds.txt"
    if options.check:
        return 0 if target.read_text(encoding="utf-8") == text else 1
    target.write_text(text, encoding="utf-8")
    sys.stdout.write(
        f"{len(feeds)} feeds of {len(heads)} subjects, {len(text.encode())} bytes; left out: {dict(left_out)}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
