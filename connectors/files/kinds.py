"""Which statement lines are no purchases: card payments, transfers, interest, fees, deposits.

Words are matched as whole phrases at the place where banks put them, never as bare substrings:
`ZAPIER.COM/CHARGE` is no bank charge, Pinterest no interest, Transferwise no transfer.
"""

import re
from functools import lru_cache

from connectors.files.columns import normalise

_PAYMENT = (
    r"\bPAYMENT\b.{0,14}\bTHANK[ -]?YOU\b|\bTHANK YOU FOR YOUR PAYMENT\b|\bAUTO ?PAY(MENT)? PAYMENT\b"
    r"|^AUTO(MATIC)?[ -]?PAY(MENT)?( *$| *-| RECEIVED| THANK)|^PAYMENT RECEIVED\b|^CREDIT CARD PAYMENT\b"
    r"|^(ONLINE|MOBILE|ELECTRONIC|INTERNET|AUTOMATIC|DIRECT DEBIT) (CARD )?(PAYMENT|PYMT"
    r"|PMT)( *$| *-| RECEIVED| THANK)"
    r"|^(AMEX|AMERICAN EXPRESS) (E-?PAYMENT|ACH PMT)\b"
    r"|^CAPITAL ONE (MOBILE |ONLINE |AUTOPAY )?(PMT|PYMT|PAYMENT)\b"
    r"|^CHASE CREDIT CRD\b|^APPLECARD GSBANK PAYMENT\b|^DISCOVER E-PAYMENT\b"
    r"|^CITI (CARD ONLINE|AUTOPAY)\b"
    r"|^BARCLAYCARD US CREDITCARD\b|^BK OF AMER\w* VISA ONLINE PMT\b"
    r"|^WELLS FARGO CARD (CCPYMT|PAYMENT)\b"
)
_THANKS = re.compile(
    r"\bPAYMENT\b.{0,14}\bTHANK[ -]?YOU\b|\bTHANK YOU FOR YOUR PAYMENT\b|^PAYMENT RECEIVED\b"
)
_INCOMING = re.compile(
    r"^((CARD|DIRECT DEBIT|ONLINE|MOBILE|AUTO|AUTOMATIC|ELECTRONIC|INTERNET|BRANCH"
    r"|ACH) )?PAYMENT\b|\bAUTO ?PAY\b"
    r"|^(DIRECT |MOBILE |CHECK |CHEQUE |CASH |ATM |REMOTE ONLINE )*DEPOSIT\b|^PAYROLL\b"
    r"|^SALARY\b|^INCOMING WIRE\b"
    r"|^(STATEMENT|REWARDS?|CASH ?BACK) (CREDIT|REDEMPTION|BONUS|REWARD)S?\b|^CASHBACK\b"
)
_TRANSFER = (
    r"^((ONLINE|INTERNAL|ACCOUNT|BALANCE|BOOK|FUNDS|SAVINGS|BANKING|RECURRING|SCHEDULED|AUTOMATIC) )*"
    r"TRANSFER( *$| (TO|FROM|IN|OUT)\b)|^BALANCE TRANSFER\b|^ACCOUNT TRANSFER\b|^UMBUCHUNG\b"
    r"|^VIREMENT INTERNE\b"
    r"|^ATM (CASH )?WITHDRAWAL\b|^CASH (ADVANCE|WITHDRAWAL)\b"
)
_INTEREST = (
    r"^((PURCHASES?|CASH ADVANCES?|MONTHLY|PLAN|MINIMUM|RESIDUAL|DEBIT|CREDIT|LOAN|OVERDRAFT) )*INTEREST"
    r"( *$| (CHARGED?S?|PAID|PAYMENT|EARNED|ON|CREDIT|DEBIT|FEE|ADJUSTMENT)\b)"
    r"|^FINANCE CHARGES?\b|^ZINSEN\b"
)
_FEE = (
    r"^((ANNUAL|MEMBERSHIP|LATE|RETURNED|FOREIGN|INTERNATIONAL|OVERDRAFT|OVER ?LIMIT"
    r"|CASH ADVANCE|BALANCE TRANSFER"
    r"|WIRE|INCOMING|OUTGOING|DOMESTIC|ATM|STOP PAYMENT|MONTHLY|ACCOUNT|SERVICE|MAINTENANCE"
    r"|BANK|CARD|NSF|PAYMENT"
    r"|NON-?STERLING|TRANSACTION|TXN|TRANS|EXCHANGE|CURRENCY CONVERSION|CHECK|ITEM|TRANSFER"
    r"|REPLACEMENT) )+"
    r"(FEES?|CHARGES?)\b|^(KONTOFUHRUNG|KONTOFÜHRUNG|FRAIS BANCAIRES|COMMISSION DE TENUE)\b"
)

_NO_PURCHASE = re.compile("|".join((_PAYMENT, _TRANSFER, _INTEREST, _FEE)))

_TYPES = frozenset(
    {
        "fee", "fees", "fee transaction", "bank fee", "interest", "interest charge", "finance charge",
        "transfer",
        "transfers", "acct xfer", "account transfer", "internal transfer", "balance transfer", "loan pmt",
        "loan payment", "cash advance", "cash withdrawal", "atm", "atm withdrawal", "card payment to issuer",
        "credit card payment", "topup", "top up", "exchange", "xfer", "srvchg", "int", "div", "cash", "tfr",
    }
)  # fmt: skip
_INCOMING_TYPES = frozenset(
    {
        "payment", "payments", "ach credit", "deposit", "check deposit", "direct deposit", "directdep", "dep",
        "wire incoming", "incoming wire", "dslip", "cashback", "reward", "rewards", "payroll", "salary",
        "fpi", "bgc", "faster payment in", "bank giro credit", "received",
    }
)  # fmt: skip
_CATEGORIES = frozenset(
    {
        "fees adjustments", "fees adjustments fees adjustments", "interest", "interest charges", "fees",
        "bank fees", "credit card payment", "credit card payments", "transfer", "transfers",
        "balance transfers",
        "cash advances", "fee interest charge",
    }
)  # fmt: skip
_INCOMING_CATEGORIES = frozenset(
    {"payments and credits", "awards and rebate credits", "payment", "payments", "payment credit", "income"}
)
_CASH_MCCS = frozenset({"6010", "6011"})
_OPENING_WORDS = re.compile(
    r"^(POS|DEBIT CARD|ACH|VISA|CARD)? ?(DEBIT|CREDIT|PURCHASE)?[ :-]*(?=(INTEREST|TRANSFER|PAYMENT)\b)"
)


@lru_cache(maxsize=4096)
def is_card_payment(text: str) -> bool:
    """True for the line with which a card's own issuer thanks for a payment: money into the card."""
    return bool(_THANKS.search(_plain(text)))


@lru_cache(maxsize=4096)
def left_out(text: str, *, inflow: bool, kind: str = "", category: str = "", mcc: str | None = None) -> bool:
    """Whether a line is no purchase and no refund of one.

    Args:
        text: the descriptor.
        inflow: the money came into the account.
        kind: the line's own word for what it is (a Type column, OFX TRNTYPE).
        category: the bank's or the company's category.
        mcc: the merchant category code.
    """
    kind, category = normalise(kind), normalise(category)
    if kind in _TYPES or category in _CATEGORIES or mcc in _CASH_MCCS:
        return True
    if inflow and (kind in _INCOMING_TYPES or category in _INCOMING_CATEGORIES):
        return True
    plain = _plain(text)
    return bool(_NO_PURCHASE.search(plain)) or (inflow and bool(_INCOMING.search(plain)))


def _plain(text: str) -> str:
    return _OPENING_WORDS.sub("", " ".join(text.upper().split()))
