"""Take off a statement line what banks write round the merchant, before it and behind it."""

import re

from app.identify.words import word_set

_WRAPPERS = re.compile(
    r"^(?:"
    r"(?:recurring|pos|debit|visa vare|visa k(?:[oö]|oe)p|visa dda pur|visa|"
    r"dbt|ckcd|checkcard|check card|mastercard|maestro|amex|card|"
    r"electronic|online|web|pre-?authorized|authorized|signature|contactless|purchase|payment|pymt|pmt|withdrawal|"
    r"crd|pur|int'?l|international|ach|transaction|trans|authorization|pending|direct debit|direct payment|"
    r"standing order|faster payment|bill payment|bill pmt|dd|bacs|upi|ecom pur|"
    r"sepa|lastschrift|basislastschrift|kartenzahlung|kartenumsatz|kreditkarte|girocard|e-?commerce|"
    r"paiement|prlv|prelevement|prélèvement|achat|carte|cb|"
    r"refund|reversal|gutschrift|r[uü]ckerstattung|erstattung|remboursement|abono|storno|rimborso|"
    r"external withdrawal|faster payments|virement|retrait|zakup|ec-karte|debitkartenumsatz|inb|neft|"
    r"operazione(?: mastercard| visa)?|orig co name|"
    r"compra(?: internet)?|pago con tarjeta|pago|tarjeta|recibo|adeudo|pagamento|addebito|carta|cart[aã]o|"
    r"betaling|betaalpas|betaalautomaat|incasso|pinbetaling|dankort-k[oø]b|vare?k[oø]b|kortk[oø]b|kortbetaling|"
    r"dankort(?: nota)?|kort(?:in)?k(?:[oö]|oe)p|n[aá]kup|platba kartou)\b"
    r"(?:\s+(?:authorized|authorised|authd))?(?:\s+(?:on|to|from|par|til|bei|en)\b)?"
    r"(?:\s+(?:\d{1,2}[/.]\d{1,2}|\d\d-\d\d)(?:[/.-]\d{2,4})?|\s+\d{6}(?=\s)|"
    r"\s+x\d{4}(?:\s+\d{1,2}[/.]\d{1,2})?|\s+\d{4}x{4,12}\d*|\s+\d{4})?[\s:*#/-]+"
    r"|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?\s+"
    r"|(?:des|co id|id|indn)\s*:\s*"
    r")"
)
_WRAPPING = word_set(
    "rec pos deb vis dbt ckc che mas mae ame car ele onl web pre aut sig con pur pay pym pmt wit crd int ach "
    "tra pen dir sta fas bil sep las bas kar kre gir e-c eco pai prl pré com pag tar ade add bet inc pin "
    "kor des id: ind bac upi upi/ dan var nák nak pla "
    "ref rev gut rüc ruc ers rem abo sto rim ext vir ret zak ec- eco inb nef ope ori"
) | {"co ", "id ", "cb ", "dd "}
"""The first three letters of all of them."""
_SENTENCES = re.compile(
    r"^(?:bea,?\s+(?:betaalpas|(?:google|apple)\s+pay)|ideal\s+betaling|sepa\s+(?:incasso\s+algemeen\s+doorlopend|"
    r"overboeking|[uü]berweisung|ueberweisung)|"
    r"nets\s+pbs|bs\s+betaling|betalingsservice|dk[\s-]+nota|visa/dankort|"
    r"visa\s+kj[oø]p|varekj[oø]p|avtalegiro|autogiro|bankgiro|korttiosto|korttimaksu|"
    r"dauerauftrag|kreditkartenabrechnung|kreditkartenzahlung|zahlung|"
    r"vir(?:ement)?\s+sepa(?:\s+[eé]mis|\s+instantan[eé])?(?:\s+vers)?|paiement\s+par\s+carte(?:\s+x?\d{4})?|"
    r"facture\s+carte(?:\s+du\s+\d{6})?|"
    r"vous\s+avez\s+(?:effectu[eé]\s+un\s+(?:paiement|achat)|pay[eé])(?:\s+(?:par|visa|carte|mastercard))*(?:\s+(?:a|à|chez))?|"
    r"usted\s+realiz[oó]\s+una\s+compra(?:\s+en)?|cargo\s+por\s+compra(?:\s+en)?|"
    r"compra\s+(?:en\s+comercio|internacional|no\s+d[eé]bito|no\s+cr[eé]dito|(?:com\s+)?cart[aã]o|aprovada)"
    r"(?:\s+(?:en|em))?|"
    r"iof(?:\s+de\s+volta)?(?:\s+compra\s+internacional)?(?:\s+de)?|estorno\s+de|"
    r"pagamento\s+su\s+circuito\s+internazionale|addebito(?:\s+diretto)?(?:\s+sepa)?\s+sdd|"
    r"transakcja\s+kart[aą]|p[lł]atno[sś][cć]\s+kart[aą]|zakup\s+przy\s+u[zż]yciu\s+karty|"
    r"eftpos|mc/visa|(?:visa\s+)?purchase\s+o/?seas|foreign\s+currency\s+purchase|"
    r"(?:pos|card|visa|debit)\s+(?:\d*x[\dx]{3,}))[\s:*,#/-]+"
)
"""What banks write as a sentence, or in words that mean nothing else; a card's hidden number with it."""
_SAYING = word_set(
    "bea ide sep net bet dk- vis var avt aut ban kor dau kre zah vir pai fac vou ust car com iof est pag add "
    "tra pla pła zak eft mc/ pur for pos deb"
) | {"bs ", "dk "}
"""The first three letters of all of them."""
_STARTS = _SAYING | _WRAPPING
_AMOUNT = re.compile(r"\s+de\s+\d[\d\s.,]*\s?[a-z]{3}$")
"""How much it was, at the end of a sentence: `… de 93 400 GNF`."""
# `ACMELY DES:EDI PYMNTS ID:123 INDN:NORTHWIND`: what an American transfer carries behind the payee.
_TRANSFER = re.compile(r"(?<=\S)\s+(?:des|id|indn|co id|orig id)\s*:")
_TRANSFERRED = "paypal des:inst xfer id:"
"""What a transfer to a wallet begins with; who is paid stands where others have a number."""
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
        if text.startswith(_TRANSFERRED):
            text = f"paypal*{text[len(_TRANSFERRED) :]}"
        text = _TRANSFER.split(text, maxsplit=1)[0] or text
    if (" on " in text or " dne " in text or " kurs " in text) and text[-1].isalnum():
        text = _DATED.sub("", text)
    if " de " in text and text[-1:].isalpha():
        text = _AMOUNT.sub("", text)
    start = text[:3]
    if start not in _STARTS and not (("/" in start or "." in start) and start[0].isdigit()):
        return text  # cheaper than trying all of a bank's words: no day and month stand there either
    for _ in range(_MOST_WRAPPERS):
        start = text[:3]
        found = _SENTENCES.match(text) if start in _SAYING else None
        if found is None or found.end() == len(text):
            if start not in _WRAPPING and not text[0].isdigit():
                break
            found = _WRAPPERS.match(text)
            if found is None or found.end() == len(text):
                break
        text = text[found.end() :]
    return text


BANK_TOKENS = word_set(
    # English
    "purchase purch pur payment payments paymnt pymt pmt pmts withdrawal wd authorized authorised auth "
    "checkcard ckcd chkcard check dbt debit debits credit crd card cards signature contactless online "
    "internet web int intl international overseas foreign trans transaction txn pending ppd ccd tel "
    "external electronic preauth preauthorized preauthorised recurring rec ext trf trfr transfer xfer to "
    "from at on by pos visa mastercard mc amex maestro vpay electron direct dd ddr standing order so "
    "bacs fpi fpo faster bgc chg cpm bill eft eftpos ach nach ecs neft imps upi rtgs mandate bil inft "
    "mmt deb mobile ecom ecommerce commerce retail dr cr value date paid merchant vendor supplier "
    "account acct ref reference no nr num number posted tap paywave pay "
    # German
    "lastschrift sepa core basislastschrift folgelastschrift erstlastschrift einmallastschrift einzug "
    "abbuchung kartenzahlung kartenumsatz onlinezahlung zahlung zahlungsempfaenger ueberweisung "
    "überweisung uberweisung dauerauftrag kreditkarte girocard karte vom mandat gutschrift umsatz "
    "belastung auftrag "
    # French
    "prelevement prélèvement prlv prelev europeen européen paiement achat carte cb facture vir virement "
    "instantane instantané internet permanent emis émis en faveur de du vers "
    # Spanish, Portuguese, Italian
    "compra compras tarjeta tarj tarjetas cargo pago pagos recibo adeudo cuota operacion operación "
    "comercio internacional nacional transferencia transf domiciliacion domiciliación debito débito "
    "credito crédito cartao cartão parcela pagamento pagto addebito bonifico acquisto operazione carta "
    "presso circuito disposizione sdd diretto "
    # Dutch and Nordic
    "incasso ideal overboeking betaling betaalpas betaalautomaat pinbetaling pinnen machtiging "
    "doorlopend algemeen bea pas pasvolgnr aan naar kjøp kjop kortkjøp kortkjop varekjøp varekjop "
    "nettkjøp nettkjop visakjøp avtalegiro køb kob dankort dankortkøb kortbetaling nota netto betalt "
    "trekk köp kop kortköp kortkop inköp inkop betalning autogiro överföring overforing overføring "
    "overfoering girering giro bankgiro bg pg plusgiro bs betalingsservice ostos osto korttiosto "
    "korttimaksu maksu tilisiirto verkkomaksu til fra bei "
    # Polish, Czech, Hungarian, Turkish
    "zakup zakupy platnosc płatność platność płatnosc karta kartą karty kartowa transakcja zaplacono "
    "zapłacono obciazenie obciążenie przelew dop blik nakup nákup platba kartou kartová inkaso úhrada "
    "uhrada vasarlas vásárlás kartyas kártyás odeme ödeme harcama kart alisveris alışveriş alişveriş "
    # amounts
    "eur usd gbp chf sek nok dkk pln czk huf ron inr aud cad brl mxn try jpy zar "
)
"""Words of a bank that may stand before the merchant, each by itself: for what no wrapper foresaw."""
