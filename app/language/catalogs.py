"""The texts of each language, read from `locale/*.po` when they are first asked for."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""What the pages can be read in, each by its own name."""

FOLDER = Path(__file__).parent / "locale"

LASTING = "lasting"
"""The context of texts that are stored in English and retold when they are read."""


@cache
def _held(language: str) -> Catalog | None:
    path = FOLDER / f"{language}.po"
    if not path.exists():
        return None
    with path.open("rb") as file:
        return read_po(file, locale=language)


@cache
def catalog(language: str) -> NullTranslations:
    """The texts of a language; English is what stands in the templates."""
    held = _held(language)
    if held is None:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, held)
    compiled.seek(0)
    return Translations(compiled)


@cache
def lasting_texts(language: str) -> dict[str, str]:
    """What is stored in English and how it is told in a language; in English, as it is stored."""
    if language == "en":
        return {text: text for code in LANGUAGES if code != "en" for text in lasting_texts(code)}
    held = _held(language) or ()
    return {str(m.id): str(m.string) for m in held if m.id and m.context == LASTING and m.string}
