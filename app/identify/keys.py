"""Comparison keys: names and companies that are written differently and are the same have the same key."""

from app.identify.classes import CLASSES, LEGAL
from app.identify.normalise import clean_host, fold, join_legal_forms, squash, strip_company, words_of


def name_key(name: str) -> str:
    """Reduce a product's name to its comparison key: `Sprout Social` and `sproutsocial` are one."""
    plain = name.lower().replace(" ", "")
    return plain if plain.isalnum() and plain.isascii() else squash(fold(name))


def company_key(name: str) -> str:
    """Reduce a company's name to its comparison key: `Twilio, Inc.` and `twilio` are one."""
    folded = name.lower()
    plain = folded.replace(" ", "")
    if plain.isalnum() and plain.isascii() and not CLASSES.get(folded.rpartition(" ")[2], 0) & LEGAL:
        return plain
    return "".join(company_words(name))


def company_words(name: str) -> list[str]:
    """Split a company's name into folded words without its legal form."""
    return strip_company(words_of(join_legal_forms(fold(name))))


def host_of_name(text: str) -> str | None:
    """Read a display name that is itself a host name (`Later.com`); None for ordinary names."""
    return clean_host(text) if "." in text and " " not in text.strip() else None
