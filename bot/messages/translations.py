"""Where the catalogues stand and how one is read: compiled in memory, with no build step."""

from __future__ import annotations

import gettext
import io
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DOMAIN: Final = "newsgist"
LOCALE_FOLDER: Final = Path(__file__).parent / "locale"

SOURCE_LANGUAGE: Final = "en"
"""The language of the texts in the code."""
SUPPORTED: Final[tuple[str, ...]] = (SOURCE_LANGUAGE, "uk", "de", "fr", "es", "ru", "pl", "pt", "it", "tr", "ar", "fa")
"""Languages that the bot speaks; the first is spoken to everybody else."""


def template_path() -> Path:
    """Name the catalogue's template."""
    return LOCALE_FOLDER / f"{DOMAIN}.pot"


def catalogue_path(lang: str) -> Path:
    """Name a language's catalogue."""
    return LOCALE_FOLDER / lang / "LC_MESSAGES" / f"{DOMAIN}.po"


def load_translations(lang: str) -> gettext.NullTranslations:
    """Read a language's catalogue; the source language needs none."""
    if lang == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    with catalogue_path(lang).open("rb") as source:
        catalogue = read_po(source, locale=lang, domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
