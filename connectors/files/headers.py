"""The headers by which columns are known: a table of words, in the languages that banks write."""

FIELDS: dict[str, tuple[str, ...]] = {
    # Each field with its headers, best first; spelled as `columns.normalise` gives them.
    "date": (
        "transaction date", "transaction time", "trans date", "date of transaction", "purchase date",
        "purchased at", "purchased on", "expense date", "date of expense", "incurred date", "booking date",
        "buchungstag", "buchungsdatum", "date operation", "date d operation", "date de l operation",
        "fecha operacion", "fecha de operacion", "data operazione", "transaktionsdatum", "boekdatum",
        "datum", "date", "fecha", "data", "timestamp", "started date", "created date", "authorization date",
        "date utc",
    ),
    "posted": (
        "post date", "posted date", "posting date", "posted", "settlement date", "cleared date",
        "completed date", "value date", "wertstellung", "valutadatum", "valuta", "date valeur",
        "date de valeur", "fecha valor", "data valuta", "rentedatum",
    ),
    "descriptor": (
        "appears on your statement as", "original description", "original statement",
        "statement descriptor", "merchant descriptor", "bank description", "raw description",
        "statement description", "descriptor",
    ),
    "merchant": (
        "merchant name", "merchant", "vendor name", "vendor", "supplier name", "supplier", "haendler",
        "handler", "marchand", "comercio", "esercente", "beneficiary of expense",
    ),
    "payee": (
        "payee", "counterparty", "counter party", "partner name", "payee name", "counterparty name",
        "beneficiary", "name of payee", "beneficiary name", "beguenstigter zahlungspflichtiger",
        "begunstigter zahlungspflichtiger", "empfanger", "auftraggeber empfanger", "zahlungsempfanger",
        "beneficiaire", "beneficiario", "naam omschrijving", "tegenpartij", "name",
    ),
    "description": (
        "description", "transaction description", "narrative", "payment reference", "verwendungszweck",
        "buchungstext", "beschreibung", "libelle", "concepto", "descripcion", "descrizione", "causale",
        "omschrijving", "mededelingen", "particulars", "transaction details", "details", "text",
    ),
    "amount": (
        "billing gross amt", "billing amount", "amount", "transaction amount", "posted amount",
        "amount billed", "amount in account currency", "claim amount", "reimbursable amount",
        "expense amount", "gross amount", "total amount", "net amount", "betrag", "umsatz", "montant",
        "importe", "importo", "bedrag", "total", "value", "amt",
    ),
    "debit": (
        "debit", "debit amount", "money out", "paid out", "withdrawal", "withdrawals", "withdrawal amount",
        "soll", "ausgaben", "debe", "cargo", "cargos", "addebiti", "uscite", "af", "amount out",
        "payments out",
    ),
    "credit": (
        "credit", "credit amount", "money in", "paid in", "deposit", "deposits", "deposit amount", "haben",
        "einnahmen", "haber", "abono", "abonos", "accrediti", "entrate", "bij", "amount in", "payments in",
    ),
    "currency": (
        "billing cur code", "billing currency", "currency", "currency code", "ccy", "posted currency",
        "transaction currency", "wahrung", "waehrung", "devise", "moneda", "divisa", "munt", "cur",
    ),
    "original_amount": (
        "original gross amt", "original amount", "foreign amount", "amount in original currency",
        "local amount", "merchant amount", "transaction currency amount", "purchase amount",
        "amount foreign currency",
    ),
    "original_currency": (
        "original cur", "original currency", "foreign currency", "local currency", "merchant currency",
        "purchase currency",
    ),
    "reference": (
        "reference number", "reference no", "transaction id", "transaction reference", "transaction number",
        "txn id", "external id", "fitid", "reference", "bank reference", "referenz", "ref",
    ),
    "mcc": (
        "mcc", "mcc code", "merchant category code", "sic", "sic code",
    ),
    "type": (
        "type", "transaction type", "debit credit", "credit debit", "credit debit indicator", "dr cr",
        "cr dr", "direction", "soll haben", "af bij", "umsatzart", "type of transaction",
    ),
    "status": (
        "status", "transaction status", "state", "payment status",
    ),
    "category": (
        "category", "expense category", "expense type", "spend category", "merchant category", "gl account",
        "gl code", "ledger account", "trans cac desc 1", "category name", "kategorie", "categorie",
        "categoria",
    ),
    "memo": (
        "memo", "note", "notes", "comment", "comments", "business purpose", "purpose", "justification",
        "reason", "trans vat desc", "notiz",
    ),
    "person": (
        "card member", "cardmember", "cardholder name", "card holder name", "cardholder", "card holder",
        "employee name", "employee", "spender", "submitted by", "submitter", "purchaser", "user name",
        "user", "member", "name on card", "card holder full name",
    ),
    "email": (
        "employee email", "user email", "cardholder email", "submitter email", "email", "e mail",
        "email address",
    ),
    "department": (
        "department", "department name", "directorate", "cost center", "cost centre", "team",
        "service area", "abteilung", "kostenstelle",
    ),
}  # fmt: skip

LAYOUTS: dict[tuple[str, ...], tuple[str, str]] = {
    # Headers that only one issuer writes: its name, and the sign it gives to a charge.
    ("date", "description", "card member", "account", "amount"): ("American Express", "positive"),
    ("transaction date", "post date", "description", "category", "type", "amount", "memo"): (
        "Chase card",
        "negative",
    ),
    ("details", "posting date", "description", "amount", "type", "balance", "check or slip"): (
        "Chase account",
        "negative",
    ),
    ("trans date", "post date", "description", "amount", "category"): ("Discover", "positive"),
    ("posted date", "reference number", "payee", "address", "amount"): ("Bank of America card", "negative"),
    ("transaction date", "posted date", "card no", "description", "category", "debit", "credit"): (
        "Capital One",
        "positive",
    ),
    ("status", "date", "description", "debit", "credit"): ("Citi", "positive"),
}

PROCUREMENT = frozenset({"billing gross amt", "original gross amt", "merchant name"})
"""Headers of UK public bodies' purchase cards."""
