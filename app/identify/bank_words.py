"""Take off a statement line what banks write round the merchant, before it and behind it."""

import re

from app.identify.words import word_set

_WRAPPERS = re.compile(
    r"^(?:"
    r"(?:recurring|pos|debit|visa vare|visa|dbt|ckcd|checkcard|check card|mastercard|maestro|amex|card|"
    r"electronic|online|web|pre-?authorized|authorized|signature|contactless|purchase|payment|pymt|pmt|withdrawal|"
    r"crd|pur|int'?l|international|ach|transaction|trans|authorization|pending|direct debit|direct payment|"
    r"standing order|faster payment|bill payment|bill pmt|dd|bacs|upi|ecom pur|"
    r"sepa|lastschrift|basislastschrift|kartenzahlung|kartenumsatz|kreditkarte|girocard|e-?commerce|"
    r"paiement|prlv|prelevement|prélèvement|achat|carte|cb|"
    r"compra|pago con tarjeta|pago|tarjeta|recibo|adeudo|pagamento|addebito|carta|cart[aã]o|"
    r"betaling|betaalautomaat|incasso|pinbetaling|dankort-k[oø]b|vare?k[oø]b|kortk[oø]b|kortbetaling|"
    r"kort(?:in)?k[oö]p|n[aá]kup|platba kartou)\b"
    r"(?:\s+(?:authorized|authorised))?(?:\s+(?:on|to|from|par|til|bei|en)\b)?"
    r"(?:\s+(?:\d{1,2}[/.]\d{1,2}|\d\d-\d\d)(?:[/.-]\d{2,4})?|\s+\d{6}(?=\s)|"
    r"\s+\d{4}x{4,12}\d*|\s+\d{4})?[\s:*#/-]+"
    r"|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?\s+"
    r"|(?:des|co id|id|indn)\s*:\s*"
    r")"
)
_WRAPPING = word_set(
    "rec pos deb vis dbt ckc che mas mae ame car ele onl web pre aut sig con pur pay pym pmt wit crd int ach "
    "tra pen dir sta fas bil sep las bas kar kre gir e-c eco pai prl pré com pag tar ade add bet inc pin "
    "kor des id: ind bac upi upi/ dan var nák nak pla"
) | {"co ", "id ", "cb ", "dd "}
"""The first three letters of all of them."""
# `ACMELY DES:EDI PYMNTS ID:123 INDN:NORTHWIND`: what an American transfer carries behind the payee.
_TRANSFER = re.compile(r"(?<=\S)\s+(?:des|id|indn|co id)\s*:")
_DATED = re.compile(
    r"(?<=\S)(?:"
    r"\s+on\s+\d{1,2}\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:\s+\d{2,4})?"
    r"|,?\s+dne\s+\d.*|\s+kurs\s+[\d.,]+)$"
)
"""When it was paid and at which rate: `On 12 Mar`, `dne 1.2.2023, částka 186.37 CZK`, `KURS 1,08`."""
_MOST_WRAPPERS = 4


def without_bank_words(text: str) -> str:
    """Take a bank's own words off a statement line.

    Args:
        text: the folded line.
    """
    if ":" in text:
        text = _TRANSFER.split(text, maxsplit=1)[0] or text
    if text[-1:].isalnum() and (" on " in text or " dne " in text or " kurs " in text):
        text = _DATED.sub("", text)
    for _ in range(_MOST_WRAPPERS):
        # Cheaper than trying all of a bank's words.
        if text[:3] not in _WRAPPING and not text[:1].isdigit():
            break
        shorter = _WRAPPERS.sub("", text, count=1)
        if shorter == text or not shorter:
            break
        text = shorter
    return text
