"""The texts of each language, read from `locale/*.po` when they are first asked for."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""What the pages can be read in, each by its own name."""

FOLDER = Path(__file__).parent / "locale"


@cache
def catalog(language: str) -> NullTranslations:
    """The texts of a language; English is what stands in the templates."""
    path = FOLDER / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)
