"""Legal forms of companies: written as one word, and taken off a name (`sp. z o.o.`, `株式会社`, `OÜ`)."""

import re

from app.identify.words import COMPANY

_DOTS = re.compile(r"[.\s]")
_DOTTED_FORM = re.compile(r"(?<![\w.&])(?:[a-z]\.\s?){1,3}[a-z]\b\.?(?![\w.])")
_SPACED_FORM = re.compile(
    r"\b(?:(sp)\.?\s*z\.?\s*o\.?\s*o\b\.?|(s)[.\s]\s?r[.\s]\s?o\b\.?|(d)[.\s]\s?o[.\s]\s?o\b\.?|(a)/s\b)"
)
_SPACED = ("spzoo", "sro", "doo", "as")
_ANY_FORM = re.compile(r"(?:(?<![a-z])[a-z][./]|\bsp\b|\b[zsrdo] ?o\b)")
"""What all of these have: cheaper to look for."""
_GLUED_FORM = re.compile(
    r"^(?:株式会社|有限会社|合同会社|주식회사|유한회사|\(주\)|\(株\)|(?:ооо|оао|зао|пао|ао)\s)"
    r"|(?:株式会社|有限会社|合同会社|주식회사|유한회사|\(주\)|\(株\)|股份有限公司|有限责任公司|有限公司)$"
    r"|\(haftungsbeschränkt\)"
)
"""Legal forms that run into the name in front of them or behind, or stand in brackets."""
_ACCENTED_FORMS = (
    (re.compile(r"\boü$"), "ou"),
    (re.compile(r"\ba\.?\s?ş\.?$"), "as"),
    (re.compile(r"\bltd\.?\s?şti\.?$"), "ltd"),
    (re.compile(r"\bs\.?\s?à\s?r\.?\s?l\.?$"), "sarl"),
)


def join_legal_forms(folded: str) -> str:
    """Write dotted and spaced legal forms as one word: `sp. z o.o.`, `s.r.l.`, `b.v.`, `a/s`."""
    if ("." in folded or "/" in folded or " o" in folded or "sp z" in folded) and _ANY_FORM.search(folded):
        folded = _SPACED_FORM.sub(lambda m: f"{_SPACED[(m.lastindex or 1) - 1]} ", folded)
        folded = _DOTTED_FORM.sub(_joined_form, folded)
    return folded.strip()


def _joined_form(match: re.Match[str]) -> str:
    letters = _DOTS.sub("", match.group())
    return f"{letters} " if letters in COMPANY else match.group()


def without_foreign_forms(folded: str) -> str:
    """Take legal forms in other letters off a name (`株式会社`), or write them in Latin ones (`OÜ`).

    Args:
        folded: the name after `fold`.
    """
    bare = _GLUED_FORM.sub("", folded).strip()
    for form, plain in _ACCENTED_FORMS:
        bare = form.sub(plain, bare)
    return bare or folded


def strip_company(words: list[str]) -> list[str]:
    """Take legal forms (Inc, GmbH, Ltd …) off the end of a name, never the whole name."""
    end = len(words)
    while end > 1 and words[end - 1] in COMPANY:
        end -= 1
    # "L.L.C.", "S.A." and "B.V." arrive as single letters.
    while end > 2 and len(words[end - 1]) == 1 and "".join(words[end - 2 : end]) in COMPANY:
        end -= 2
    return words[:end]
