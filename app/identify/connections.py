"""Take off a label what says how something is connected: `Acmely OAuth2 API`, `Acmely Bigshop Connector`.

Credentials and connections are called so. Such words are no part of a name; what is left must be a name as a
whole. An ordinary word is read beside the words of an interface alone, and not where companies call projects,
places or people of their own by it (`Summit API`).
"""

from collections.abc import Iterator

from app.identify.classes import CLASSES, REGIONAL, SURROUNDING
from app.identify.describing import DESCRIPTIVE
from app.identify.fame import is_known
from app.identify.index import Index, NameEntry
from app.identify.normalise import fold, squash, words_of
from app.identify.trade_words import PART_WORDS, PORTAL_NAMES, PROJECT_NAMES
from app.identify.words import PLACES, word_set

_INTERFACE = word_set("api apis oauth oauth2 rest graphql")
_CONNECTING = _INTERFACE | word_set(
    "webhook webhooks trigger mcp connector connectors integration integrations plugin addin "
    "extension import "
    "sync credential credentials"
)
"""One of these must be there."""
_PAIRS = frozenset(
    [
        *[("bulk", "upload"), ("bulk", "import"), ("add", "in")],
        *[("api", "key"), ("api", "token"), ("service", "account"), ("basic", "auth"), ("connect", "api")],
    ]
)
_CREDENTIALS = _INTERFACE | word_set("auth basic connect key token")
"""What an interface is opened with: beside one of these, too, an ordinary word is a product's."""
_BETWEEN = word_set("admin app cloud data server client software sw v1 v2 v3 2 3 official")
"""May stand among them."""
_SUITES = word_set(
    "salesforce hubspot jira confluence shopify zendesk zoom slack teams outlook gmail sheets chrome "
    "wordpress "
    "power bi bigquery tableau excel powerpoint zapier google figma notion airtable"
)
"""With what it is connected: the word before the last."""
_PARTNERS = word_set("salesforce hubspot jira confluence shopify zendesk zoom wordpress")
"""Suites that people who market and sell connect things with, and not with whatever they find in a store."""
_PACKAGES = ["n8n", "nodes"]
"""What packages of connections are called by, before the name."""
_HINTS = _CONNECTING | {*_PACKAGES, *(last for _, last in _PAIRS)}
"""Without any of these nothing is read: cheaper than looking where a name may end."""
_FEWEST_LETTERS = 3


def connected(index: Index, words: list[str]) -> NameEntry | None:
    """Read a label that is a name and then how it is connected.

    Args:
        index: the look-up tables.
        words: the label's words.

    Returns:
        What the name leads to; None if what is left is no name, or a word that others are called by.
    """
    if _HINTS.isdisjoint(words):
        return None
    package = len(_PACKAGES) if words[:2] == _PACKAGES else 1 if words[0] == "mcp" else 0
    if package and len(words) > package:
        key = "".join(words[package:])
        entry = index.names.get(key)
        return entry if entry is not None and (not entry.weak or _is_one_product_s(entry, key)) else None
    for cut in _cuts(words):
        key = "".join(words[:cut])
        entry = index.names.get(key)
        if entry is None or entry.rule == "legal_name":
            continue
        if words[cut - 1] in _BETWEEN and len(words_of(fold(entry.written))) < cut:
            continue  # `Zoom Data Connector` is no Zoomdata
        if not entry.weak:
            told = len(key) >= _FEWEST_LETTERS and (key not in DESCRIPTIVE or is_known(entry.product))
            return entry if told else None
        others = (w for w in words[cut:] if w not in _BETWEEN)
        told = all(w in _CREDENTIALS or CLASSES.get(w, 0) & (SURROUNDING | REGIONAL) for w in others)
        return entry if told and _is_one_product_s(entry, key) else None
    return None


def partnered(index: Index, words: list[str]) -> NameEntry | None:
    """Read an ordinary word before the suite it works with (`Drift for Salesforce`), as `connected` does."""
    if len(words) < len(("name", "for", "suite")) or words[-2] != "for" or words[-1] not in _PARTNERS:
        return None
    key = "".join(words[:-2])
    entry = index.names.get(key)
    told = entry is not None and entry.weak and entry.product.tier == "head"
    return entry if entry is not None and told and _is_one_product_s(entry, key) else None


def _cuts(words: list[str]) -> Iterator[int]:
    """Give where the name may end, the longest first: before words of connecting and those among them."""
    end, told = len(words), False
    while end > 1:
        last = words[end - 1]
        pair = tuple(words[end - 2 : end])
        if pair in _PAIRS and end > len(pair):
            yield end - 1  # `Acmely Connect API`, where Acmely Connect is the name
            end, told = end - len(pair), True
        elif last in _CONNECTING:
            end, told = end - 1, True
        elif (
            last in _BETWEEN or CLASSES.get(last, 0) & (SURROUNDING | REGIONAL) or (told and last in _SUITES)
        ):
            end -= 1
        else:
            return
        if told:
            yield end


def _is_one_product_s(entry: NameEntry, key: str) -> bool:
    """Say whether an ordinary word, as what is connected, means the product.

    Not where it is what companies call projects, places or people by, or what software calls its parts.
    """
    if entry.rule == "name" and squash(fold(entry.written)) in PORTAL_NAMES:
        return True
    if entry.rule != "name":
        return False
    named = key in PROJECT_NAMES or key in PLACES or key in DESCRIPTIVE or key in PART_WORDS
    return not named and len(key) > _FEWEST_LETTERS
