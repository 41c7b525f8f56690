"""Keep the catalogues in step with the code: ``python -m bot.messages.catalogue update|check``.

``update`` collects the msgids of the whole of ``bot`` into the template and merges them into each language;
``check`` lists what is missing or would go wrong when it is said.
"""

from __future__ import annotations

import io
import re
import string
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.messages.extraction import Text, find_texts
from bot.messages.speech import MAX_LABEL_CHARS, MAX_NAME_CHARS
from bot.messages.translations import DOMAIN, SOURCE_LANGUAGE, SUPPORTED, catalogue_path, template_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SOURCES: Final = Path(__file__).parents[1]
_TAG: Final = re.compile(r"</?[a-z][^<>]*>")
_LEAST_FIELD_CHARS: Final = 4  # an inserted name keeps at least three characters and the ellipsis
_WIDTH: Final = 110

MAX_TOAST_CHARS: Final = 120
"""As much as is read before a toast is gone; Telegram would take 200."""
MAX_ALERT_CHARS: Final = 200
"""Telegram's limit for alerts, which are said with ``plain``."""
_ROOM: Final[Mapping[str, int]] = {"plain": MAX_ALERT_CHARS, "toast": MAX_TOAST_CHARS, "toast_n": MAX_TOAST_CHARS}


def collect(folder: Path = SOURCES) -> Catalog:
    """Collect the texts of a folder's code into a template."""
    template = Catalog(project="Newsgist", domain=DOMAIN, header_comment="# Newsgist's texts.", fuzzy=False)
    for found in find_texts(folder):
        if found.text is not None:
            context, singular, plural = found.text
            message = singular if plural is None else (singular, plural)
            # Without line numbers an edit elsewhere in a file leaves the catalogues alone.
            template.add(message, locations=[(found.place, 0)], context=context)
    return template


def update(folder: Path = SOURCES) -> list[Path]:
    """Bring the template and the catalogues up to date with the code; return the files that changed."""
    template = collect(folder)
    changed = [template_path()] if _write(template_path(), template) else []
    for lang in translated_languages():
        path = catalogue_path(lang)
        catalogue = _read(path, lang) if path.exists() else _new_catalogue(lang)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        if _write(path, catalogue):
            changed.append(path)
    return changed


def check(folder: Path = SOURCES) -> list[str]:
    """List everything that would be said wrongly or not at all; empty when all is well."""
    found = list(find_texts(folder))
    faults = [
        f"{call.place}:{call.line}: {call.keyword}() is given a text that is put together at run time"
        for call in found
        if call.text is None
    ]
    wanted = {call.text: None for call in found if call.text is not None}
    room: dict[Text, int] = {}
    for call in found:
        if call.text is not None and call.keyword in _ROOM:
            room[call.text] = min(_ROOM[call.keyword], room.get(call.text, MAX_ALERT_CHARS))
    faults += [
        f"{SOURCE_LANGUAGE}: {text} {flaw}"
        for text in wanted
        for form in (text.singular, text.plural)
        if form is not None
        for flaw in flaws_of_form(form, text, max_chars=room.get(text))
    ]
    known = _texts(_read(template_path(), None)) if template_path().exists() else {}
    faults += [f"template: lacks {text}; run update" for text in wanted.keys() - known.keys()]
    faults += [f"template: has the unused {text}; run update" for text in known.keys() - wanted.keys()]
    for lang in translated_languages():
        translated = _texts(_read(catalogue_path(lang), lang))
        for text in wanted:
            message = translated.get(text)
            flaws = ["is missing"] if message is None else _flaws_of(message, text, max_chars=room.get(text))
            faults += [f"{lang}: {text} {flaw}" for flaw in flaws]
    return sorted(faults)


def translated_languages() -> tuple[str, ...]:
    """Name the languages that have a catalogue: all but the source's."""
    return tuple(lang for lang in SUPPORTED if lang != SOURCE_LANGUAGE)


def main(arguments: Sequence[str]) -> int:
    """Run ``update`` or ``check``; return the exit code."""
    match list(arguments):
        case ["update"]:
            lines = [f"{path} updated" for path in update()]
            code = 0
        case ["check"]:
            lines = check()
            code = 1 if lines else 0
        case _:
            lines = ["usage: python -m bot.messages.catalogue update|check"]
            code = 2
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return code


def fields_of(text: str) -> frozenset[str]:
    """Name the fields that a text inserts.

    Raises:
        ValueError: Its braces are unbalanced, or a field is not a plain name.
    """
    names = frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    if strange := sorted(name for name in names if not name.isidentifier()):
        raise ValueError(f"has fields that are no names: {', '.join(strange)}")
    return names


def flaws_of_translation(forms: Sequence[str], text: Text, *, max_chars: int | None = None) -> list[str]:
    """List what is wrong with a translation, given in its forms (one, or as many as the language has plurals)."""
    if not all(forms):
        return ["is not translated"]
    if flaws := [flaw for form in forms for flaw in flaws_of_form(form, text, max_chars=max_chars)]:
        return flaws
    # In many languages the first form serves 1, 21, 31 …, so each must name the number as the plural does.
    model = text.plural or text.singular
    for form in forms:
        if fields_of(form) != fields_of(model):
            flaws.append(f"has other fields than its msgid: {form!r}")
        if Counter(_TAG.findall(form)) != Counter(_TAG.findall(model)):
            flaws.append(f"has other tags than its msgid: {form!r}")
    return flaws


def flaws_of_form(form: str, text: Text, *, max_chars: int | None = None) -> Iterator[str]:
    """List why a wording, in whatever language, could not be said: broken fields, or no room for it."""
    try:
        fields = fields_of(form)
    except ValueError as error:
        yield f"{error}: {form!r}"
        return
    if text.context is not None and (length := _filled(form, fields, _LEAST_FIELD_CHARS)) > MAX_LABEL_CHARS:
        yield f"is too long for a button ({length} of {MAX_LABEL_CHARS}): {form!r}"
    if max_chars is not None and (length := _filled(form, fields, MAX_NAME_CHARS)) > max_chars:
        yield f"is too long for its place ({length} of {max_chars}): {form!r}"


def _flaws_of(message: Message, text: Text, *, max_chars: int | None) -> list[str]:
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    flaws = flaws_of_translation([form or "" for form in strings], text, max_chars=max_chars)
    return ["is fuzzy", *flaws] if message.fuzzy else flaws


def _filled(form: str, fields: frozenset[str], field_chars: int) -> int:
    return len(form.format_map(dict.fromkeys(fields, "x" * field_chars)))


def _texts(catalogue: Catalog) -> dict[Text, Message]:
    return {_text(message): message for message in catalogue if message.id}


def _text(message: Message) -> Text:
    forms = message.id if isinstance(message.id, tuple | list) else (message.id, None)
    return Text(message.context, str(forms[0]), None if forms[1] is None else str(forms[1]))


def _new_catalogue(lang: str) -> Catalog:
    return Catalog(
        locale=lang, project="Newsgist", domain=DOMAIN, header_comment=f"# Newsgist's texts in {lang}.", fuzzy=False
    )


def _read(path: Path, lang: str | None) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale=lang, domain=DOMAIN)


def _write(path: Path, catalogue: Catalog) -> bool:
    rendered = io.BytesIO()
    write_po(rendered, catalogue, width=_WIDTH, include_lineno=False, sort_output=False)
    content = _without_history(rendered.getvalue())
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True


def _without_history(content: bytes) -> bytes:
    # Dates would change with every run, and version control knows them, and who wrote what, better.
    return re.sub(
        rb'^"(?:Project-Id-Version|[\w-]+-Date|Report-Msgid-Bugs-To|Last-Translator|Language-Team): .*\n',
        b"",
        content,
        flags=re.M,
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
