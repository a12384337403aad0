"""A million handles as companies meet them, made from a seed: known products in bank and admin dress, and
strangers. No string is simply repeated; which product each is, the maker of the string knows."""

import random
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from app.identify.records import KnowledgeBase, Product
from connectors.identifiers import APP_NAME, DOMAIN, MERCHANT

KINDS = {"sso_label": APP_NAME, "oauth_app": APP_NAME, "domain": DOMAIN, "merchant": MERCHANT}
UNKNOWN = 0.4
"""The share of strings that name nobody's product."""


def word_list(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


_WRAPPERS = (
    *("", "", "", "CHECKCARD {d} ", "POS DEBIT ", "RECURRING PAYMENT {d} ", "SEPA-LASTSCHRIFT ", "VISA {d} "),
    *("PAYPAL *", "PADDLE.NET* ", "FS *", "DRI*", "2CO.COM*", "STRIPE* ", "SQ *", "SP "),
)
_TAILS = (
    *(
        "",
        "",
        " {n}",
        " {n} CA",
        " +1{p}",
        " {p} SAN FRANCISCO CA",
        " LONDON GB",
        " INC",
        " GMBH BERLIN",
        " #{n}",
    ),
    *(" SUBSCRIPTION", " MONTHLY {n}", "* {n}", " HTTPSWWW.", " DUBLIN IRL"),
)
_COPIES = (
    "",
    "",
    " - Prod",
    " (EU)",
    " SAML",
    " [SSO]",
    " Sandbox",
    " - Production SSO",
    " UAT",
    " for Google Workspace",
)
_CONSENTS = (
    "",
    "",
    " for Gmail",
    " Add-on",
    " Chrome Extension",
    " - Connect",
    " Integration",
    ": Reports",
    " App",
)
_SUBDOMAINS = ("", "app.", "www.", "eu.", "t{n}.", "go.acme{n}.", "c{n}.login.", "click{n}.", "n{n}.eu.")
_ENDINGS = (".com", ".com", ".io", ".co", ".ai", ".app", ".de", ".fr", ".co.uk", ".net")
_SYLLABLES = word_list(
    "ba be bi bo bra bri ca co cor da de dor dra el em fa fen fi flo ga gen gri ha hel in ja ka kel ko la "
    "lan le li lo lu ma mar me mi mo na ne ni no nor o pa pel pi po pra que ra re ri ro ru sa se sol sta ta "
    "te ti tor tra u va ve vi vo wen xa ya zen zo"
)
_TRADES = word_list(
    "Bakery Restaurant Hotel Garage Dental Plumbing Books Flowers Pharmacy Cafe Studio Consulting Logistics "
    "Cleaning Events Catering Print Analytics Reports Portal Planner Intranet Wiki Tracker Helpdesk"
)


class Handle(NamedTuple):
    """One string: its kind as in a labelled file, itself, and the id of the product it was made from."""

    kind: str
    value: str
    product: str


def handles(kb: KnowledgeBase, count: int, seed: int = 7) -> Iterator[Handle]:
    """Make handles, the kinds in turns, so many in all; the same for the same seed."""
    dice = random.Random(seed)
    products = [p for p in kb.products.values() if not p.common_word]
    return islice(_stream(dice, products), count)


def _stream(dice: random.Random, products: list[Product]) -> Iterator[Handle]:
    while True:
        for kind in KINDS:
            known = dice.random() >= UNKNOWN
            # Well-known products are met more often than others, as in any company.
            product = products[int(len(products) * dice.random() ** 2)] if known else None
            yield Handle(kind, _dressed(dice, kind, product), product.id if product else "")


def _dressed(dice: random.Random, kind: str, product: Product | None) -> str:
    if kind == "domain":
        home = dice.choice(product.hosts) if product else _word(dice).lower() + dice.choice(_ENDINGS)
        return _filled(dice, dice.choice(_SUBDOMAINS)) + home
    if kind == "merchant":
        if product is None:
            name = f"{_word(dice)} {dice.choice(_TRADES)}"
        elif product.descriptors and dice.random() < 0.5:
            return dice.choice(product.descriptors).rstrip("#") + _filled(dice, " {n}")
        else:
            name = _name(dice, product)
        line = f"{_filled(dice, dice.choice(_WRAPPERS))}{name.upper()}{_filled(dice, dice.choice(_TAILS))}"
        return line[:22] if dice.random() < 0.1 else line
    name = _name(dice, product) if product else f"{_word(dice)} {dice.choice(_TRADES)}"
    if kind == "oauth_app":
        return name + dice.choice(_CONSENTS)
    return name + dice.choice(_COPIES) + (_filled(dice, " {n}") if dice.random() < 0.4 else "")


def _name(dice: random.Random, product: Product) -> str:
    names = (product.name, product.name, product.name, *product.aliases, *product.former_names)
    return dice.choice([name for name in names if name not in product.guarded] or [product.name])


def _word(dice: random.Random) -> str:
    return "".join(dice.choice(_SYLLABLES) for _ in range(dice.randint(2, 4))).capitalize()


def _filled(dice: random.Random, text: str) -> str:
    if "{" not in text:
        return text
    return text.format(
        d=f"{dice.randint(1, 12):02}{dice.randint(1, 28):02}",
        n=f"{dice.randrange(10**7):07}",
        p=f"{dice.randint(200, 999)}555{dice.randrange(10**4):04}",
    )
