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
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.messages.speech import MAX_LABEL_CHARS
from bot.messages.translations import DOMAIN, SOURCE_LANGUAGE, SUPPORTED, catalogue_path, template_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SOURCES: Final = Path(__file__).parents[1]
Keywords: TypeAlias = Mapping[str, tuple[int | tuple[int, str], ...] | None]

KEYWORDS: Final[Keywords] = {
    "say": None,
    "say_n": (1, 2),
    "plain": None,
    "label": ((1, "c"), 2),
    "msgid": None,
}
_UNSPOKEN: Final = "sandbox"  # the stand-in for Telegram says nothing of ours
_TAG: Final = re.compile(r"</?[a-z][^<>]*>")
_LEAST_FIELD_CHARS: Final = 4  # an inserted name keeps at least three characters and the ellipsis
_WIDTH: Final = 110

MAX_TOAST_CHARS: Final = 200
"""Telegram's limit for toasts and alerts, which are said with ``plain``."""
_TOAST_FIELD_CHARS: Final = 40


class Text(NamedTuple):
    """A text as it is looked up: its context, and its plural where it is counted."""

    context: str | None
    singular: str
    plural: str | None

    def __str__(self) -> str:
        return f"{self.singular!r}" + (f" ({self.context})" if self.context else "")


def collect(folder: Path = SOURCES, *, keywords: Keywords = KEYWORDS) -> Catalog:
    """Collect the texts of a folder's code, the arguments of the functions named by ``keywords``, into a template."""
    template = Catalog(project="Newsgist", domain=DOMAIN, header_comment="# Newsgist's texts.", fuzzy=False)
    found = extract_from_dir(
        folder,
        method_map=[("**.py", "python")],
        keywords=dict(keywords),
        directory_filter=lambda path: Path(path).name not in {_UNSPOKEN, "__pycache__"},
    )
    for file, _line, message, comments, context in sorted(found, key=lambda item: (item[0], item[1])):
        # Without line numbers an edit elsewhere in a file leaves the catalogues alone.
        template.add(message, locations=[(f"{folder.name}/{file}", 0)], auto_comments=comments, context=context)
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
    wanted = _texts(collect(folder))
    toasts = _texts(collect(folder, keywords={"plain": None})).keys()
    faults = [
        f"{SOURCE_LANGUAGE}: {text} {fault}"
        for text in wanted
        for form in (text.singular, text.plural)
        if form is not None
        for fault in _faults_of_form(form, text, is_toast=text in toasts)
    ]
    known = _texts(_read(template_path(), None)) if template_path().exists() else {}
    faults += [f"template: lacks {text}; run update" for text in wanted.keys() - known.keys()]
    faults += [f"template: has the unused {text}; run update" for text in known.keys() - wanted.keys()]
    for lang in translated_languages():
        translated = _texts(_read(catalogue_path(lang), lang))
        for text in wanted:
            message = translated.get(text)
            found = (
                ["is missing"] if message is None else _faults_of_translation(message, text, is_toast=text in toasts)
            )
            faults += [f"{lang}: {text} {fault}" for fault in found]
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


def _faults_of_translation(message: Message, text: Text, *, is_toast: bool) -> list[str]:
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    forms = [form or "" for form in strings]
    if message.fuzzy:
        return ["is fuzzy"]
    if not all(forms):
        return ["is not translated"]
    # In many languages the first form serves 1, 21, 31 …, so each must name the number as the plural does.
    model = text.plural or text.singular
    faults = [fault for form in forms for fault in _faults_of_form(form, text, is_toast=is_toast)]
    if faults:
        return faults
    for form in forms:
        if fields_of(form) != fields_of(model):
            faults.append(f"has other fields than its msgid: {form!r}")
        if Counter(_TAG.findall(form)) != Counter(_TAG.findall(model)):
            faults.append(f"has other tags than its msgid: {form!r}")
    return faults


def _faults_of_form(form: str, text: Text, *, is_toast: bool) -> Iterator[str]:
    try:
        fields = fields_of(form)
    except ValueError as error:
        yield str(error)
        return
    if text.context is not None and (length := _filled(form, fields, _LEAST_FIELD_CHARS)) > MAX_LABEL_CHARS:
        yield f"is too long for a button ({length} of {MAX_LABEL_CHARS}): {form!r}"
    if is_toast and (length := _filled(form, fields, _TOAST_FIELD_CHARS)) > MAX_TOAST_CHARS:
        yield f"is too long for a toast ({length} of {MAX_TOAST_CHARS}): {form!r}"


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
