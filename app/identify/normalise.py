"""Bring labels, host names and statement lines into the form in which they are compared.

Comparing is exact after this. Letters that merely look alike (Cyrillic "а", the digit in "Micros0ft")
stay different on purpose: a look-alike is not the thing.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from app.identify.classes import CLASSES, REGIONAL, SURROUNDING
from app.identify.legal_forms import join_legal_forms, strip_company
from app.identify.words import BILLING, COMPANY, EDITION, ENVIRONMENT, PLACES, REGION, word_set

if TYPE_CHECKING:
    from tldextract.tldextract import ExtractResult

# Combining marks count as letters: dropping them would make a decorated look-alike equal its model.
_SEPARATORS = re.compile(r"[^\w\u0300-\u036f]+|_+")
_SPACED_OUT = bytes(code if chr(code).isalnum() else ord(" ") for code in range(128)) + bytes(128)
"""What becomes of each ASCII character when a text is split into words; bytes are replaced much quicker."""
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*|[\u0300-\u036f]+")
_MARKETPLACE = re.compile(
    r"\b(?:for|on|für|fuer|pour|para|per|voor|för|til|dla)\s+(?:google\s+(?:workspace|sheets|docs|drive|calendar|meet|chrome|chat|forms|slides|apps|ads|analytics)"
    r"|g\s?suite|gmail|chrome|slack|microsoft\s+(?:365|office|teams|outlook|entra)(?:\s+id)?|office\s+365"
    r"|google$|o365|m365|office|work|outlook|excel|powerpoint|teams|sheets|docs|salesforce|hubspot|jira|confluence|shopify|zendesk|zoom|wordpress|ios|android|iphone|ipad|mac|macos|windows)\b.*$"
)
_PHRASES = re.compile(
    r"\b(?:single\s+sign[\s-]*on|do\s+not\s+use|copy\s+of|nicht\s+verwenden|sign[\s-]*on|openid\s+connect|ws[\s-]*fed(?:eration)?|azure\s+ad|"
    r"(?:idp|sp)[\s-]*initiated|just[\s-]*in[\s-]*time|on[\s-]*prem(?:ises?)?|uk\s*&\s*i|"
    r"saml\s*[12]\.[01]|oauth\s*2(?:\.0)?|(?:chrome|browser)\s+extension|add[\s-]+on|entra\s+id)\b"
)
_LAST = re.compile(
    r"\s[-–—|]\s+(?:at|au|be|br|ca|ch|cz|de|dk|es|fi|fr|gb|ie|it|jp|mx|nl|no|nz|pl|pt|se|sg|uk|us)"
    r"(?=\s+[-–—|(]|\s*$)|[\s(]+via\s+(?:okta|entra|onelogin|saml|sso|oidc|azure|adfs|ping)\)?(?=\s|$)"
)
_DIRECTORY = re.compile(
    r"[\s(|–-]+(?:via\s+(?:okta|entra|onelogin|saml|sso|oidc|azure|adfs|ping)|(?<!microsoft )azure(?:\s+ad)?"
    r"|(?:microsoft\s+)?entra(?:\s+id)?|okta|onelogin|jumpcloud)"
    r"(?:\s+(?:sso|saml|scim|oidc|provisioning))*\)?$"
)
_RECORD = re.compile(r"^(?:[^.]+\.)*_[a-z0-9-]+\.")
_SIGN_ON = re.compile(r"(?:azure\s+ad|entra(?:\s+id)?|sso|saml|oidc|single|sign|on|[\s-])+")
_MARKETED = re.compile(r"\s(?:for|on|für|fuer|pour|para|per|voor|för|til|dla)\s")
_PHRASED = re.compile(
    r"initiated|just[\s-]*in|on[\s-]*prem|uk\s*&|sign[\s-]*on|openid\s|ws[\s-]*fed|azure\s|saml\s*[12]|oauth\s*2|\sextension|add[\s-]+on|not\s+use|verwenden|copy\s|entra\s"
)
"""What each phrase has that other labels seldom have: looking for it is cheaper than for the phrases."""
_IN_PHRASES = word_set(
    "initiated just prem premise premises onprem i single sign signon do copy nicht openid ws wsfed "
    "wsfederation azure saml saml1 saml2 oauth oauth2 "
    "extension add entra"
)
"""One of these words is in each phrase."""
_IN_MARKETS = word_set("for on für fuer pour para per voor för til dla")
LONGEST = 300
"""More characters of a text are not read: no name is longer, and a hostile one costs no time."""

_LEADING_IN = frozenset({"for", "für", "pour", "to"})
"""What stands before a name once `Single Sign-on for …` is taken off."""
MOST_TRIMMED = 8
"""So many words are tried off each end of a label."""
_OFF_THE_END = SURROUNDING | REGIONAL
_LONGEST_HOST = 253
_LONG_NUMBER = 5
_SHORT_HOST = re.compile(r"(?:[a-z0-9]++(?:-++[a-z0-9]++)*+\.)++[a-z]{2,}+")
"""What nearly all hosts are, without looking back; a part of one has 63 characters at most."""
_LONGEST_PART = 63
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z]")
_TRADE_MARK = re.compile(r"[™℠]+(?!\w)")
_EDGE = "\ufeff\u200b\u200c\u200d\u2060\u00ad"


def fold(text: str) -> str:
    """Fold Unicode forms and letter case: `Ｍail` and `mail` become one, Cyrillic stays Cyrillic."""
    if len(text) > LONGEST:
        text = text[:LONGEST]
    if text.isascii():
        return text.lower().strip()
    # Before NFKC makes letters of it: `Acmely™` is not called Acmelytm.
    text = _TRADE_MARK.sub(" ", text)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return folded[:LONGEST].strip().strip(_EDGE).strip()


def fold_many(texts: Sequence[str]) -> list[str]:
    """Do to many texts what `fold` does to one, as one text: most of the cost is asked once.

    Args:
        texts: as they are written.

    Returns:
        The folded texts, in the same order.
    """
    if any(len(text) > LONGEST or "\n" in text for text in texts):
        return [fold(text) for text in texts]
    joined = _TRADE_MARK.sub(" ", "\n".join(texts))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", joined).casefold()).split("\n")
    if len(folded) != len(texts):
        return [fold(text) for text in texts]
    return [text[:LONGEST].strip().strip(_EDGE).strip() for text in folded]


def squash(text: str) -> str:
    """Reduce a folded text to the key names are compared by: no spaces, no punctuation."""
    if text.isalnum():
        return text
    if "&" in text:
        text = text.replace("&", " and ")
    return _SEPARATORS.sub("", text)


def words_of(text: str) -> list[str]:
    """Split a folded text into words; dots, dashes and brackets separate."""
    if text.isascii():
        if "&" in text:
            text = text.replace("&", " and ")
        return text.encode().translate(_SPACED_OUT).decode().split()
    if text.isalnum():
        return [text]
    if "&" in text:
        text = text.replace("&", " and ")
    return _WORD.findall(text)


def folded_words(text: str) -> tuple[str, list[str]]:
    """Fold a text and split it into its words: `fold`, then `words_of`, of most texts in one go."""
    if text.isascii() and len(text) <= LONGEST and "&" not in text:
        folded = text.lower().strip()
        return folded, folded.encode().translate(_SPACED_OUT).decode().split()
    folded = fold(text)
    return folded, words_of(folded)


def strip_surroundings(folded: str) -> list[str]:
    """Take environment, protocol, region and marketplace words and reference numbers off a label.

    Args:
        folded: a label after `fold`.

    Returns:
        The words left over; all the words if nothing else would remain.
    """
    bare = without_phrases(without_last(folded))
    return without_environments(words_of(without_marketplace(bare)) or words_of(bare))


def without_environments(every: list[str]) -> list[str]:
    """Do to the words of a label that is without phrases and a marketplace what `strip_surroundings` does."""
    kept = [
        w for w in every if not (CLASSES.get(w, 0) & SURROUNDING or (w[-1].isdigit() and _is_surrounding(w)))
    ]
    while len(kept) > 1 and kept[0] in _LEADING_IN:
        kept = kept[1:]
    while len(kept) > 1 and kept[-1] in REGION:
        kept.pop()
    for word in kept:
        if word not in EDITION and len(word) > 1:
            return kept
    return every


def without_last(folded: str) -> str:
    """Take a country's code behind a dash and a way of signing in off a label (`- DE`, `via Okta`)."""
    if "- " in folded or " via" in folded or "(via" in folded or "|" in folded or "–" in folded:
        return _LAST.sub("", folded) or folded
    return folded


def without_phrases(folded: str, words: list[str] | None = None) -> str:
    """Take phrases of signing on off a label, unless it is nothing else.

    Args:
        folded: the label.
        words: its words and perhaps more, where they are known: they say at once that there is no phrase.
    """
    if words is not None and _IN_PHRASES.isdisjoint(words) and folded.isascii() and folded == folded.strip():
        return folded
    if not _PHRASED.search(folded):
        return folded
    text = _PHRASES.sub(" ", folded).strip()
    return text if words_of(text) else folded


def trimmed(words: list[str]) -> list[list[str]]:
    """List a label's words with ever more environment words taken off both ends, the longest first.

    A name may itself end in such a word (`Google Workspace - Prod`); it is met before it is cut.

    Args:
        words: the words of a folded label.
    """
    return [words[start:end] for start, end in spans(words)]


def spans(words: list[str]) -> list[tuple[int, int]]:
    """Say of each of the `trimmed` words where they begin and end in the label's."""
    count = len(words)
    first, last = bare_span(words)
    if first == 0:
        if last >= count - MOST_TRIMMED:
            return [(0, end) for end in range(count, last - 1, -1)] if count else []
        return [(0, end) for end in (*range(count, count - MOST_TRIMMED, -1), last)]
    ends = (*range(count, last, -1)[:MOST_TRIMMED], last)
    starts = (*range(first)[:MOST_TRIMMED], first)
    return [(start, end) for end in ends for start in starts if start < end]


def bare_span(words: list[str]) -> tuple[int, int]:
    """Say where the words of a label begin and end that are left without environments at both ends."""
    first, last, kinds = 0, len(words), CLASSES.get
    if words and (kinds(words[0], 0) & SURROUNDING or words[0][-1].isdigit()):
        while first < last - 1 and _is_surrounding(words[first]):
            first += 1
    while last > 1:
        word = words[last - 1]
        if not kinds(word, 0) & _OFF_THE_END and not (
            word[-1].isdigit() and (word.isdigit() or word.rstrip("0123456789") in ENVIRONMENT)
        ):
            break
        last -= 1
    return first, last


def bare_words(words: list[str]) -> list[str]:
    """Give the shortest of the `trimmed` words."""
    first, last = bare_span(words)
    return words[first:last] if first < last else trimmed(words)[-1]


def without_directory(folded: str) -> str:
    """Take the directory that people sign in with off the end of a label (`Acmely Azure AD SSO`)."""
    return _DIRECTORY.sub("", folded)


def without_marketplace(folded: str, words: list[str] | None = None) -> str:
    """Take "for Google Workspace" and the like off a label, with all that follows.

    Args:
        folded: the label.
        words: its words and perhaps more, where they are known: without a “for” there is no marketplace.
    """
    if words is not None and _IN_MARKETS.isdisjoint(words) and folded.isascii():
        return folded
    if not _MARKETED.search(folded):
        return folded
    shorter = _MARKETPLACE.sub("", folded)
    return folded if _SIGN_ON.fullmatch(shorter) else shorter  # `SSO for Bigshop` is Bigshop's


def strip_edition(words: list[str]) -> list[str]:
    """Take edition and wrapping words (Enterprise, Pro, App …) off the end, never the whole name."""
    end = len(words)
    while end > 1 and words[end - 1] in EDITION:
        end -= 1
    return words[:end]


def normalise_name(label: str) -> str:
    """Reduce a display name to the words that name the application.

    Args:
        label: as typed: `HubSpot - Prod (EU) SAML`, `Acme Tool, Inc.`

    Returns:
        Folded words joined by one space: `hubspot`, `acme tool`. Empty only for an empty label.
    """
    return " ".join(strip_company(strip_surroundings(join_legal_forms(fold(label)))))


def registrable_domain(host: str) -> str | None:
    """Give the domain a company registers, from a host name, address or e-mail address.

    Args:
        host: `https://app.hubspot.com/login`, `app.hubspot.com`, `eu.acme.co.uk`.

    Returns:
        `hubspot.com`, `acme.co.uk`; a tenant's own name under shared hosting (`acme.github.io`);
        None if the text holds no public host name.
    """
    name = clean_host(host)
    return _registrable(name) if name else None


@lru_cache(maxsize=1)
def _suffix_list() -> Callable[[str], "ExtractResult"]:
    """Read the public suffix list, the snapshot inside the package: never the network, never a cache."""
    from tldextract import TLDExtract  # takes longer to import than the knowledge base takes to read

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=16384)
def _registrable(host: str) -> str | None:
    return _suffix_list()(host).top_domain_under_public_suffix or None


def clean_host(value: str) -> str | None:
    """Take the bare host name out of an address; None if there is none (an IP number is none)."""
    if len(value) <= _LONGEST_PART and _SHORT_HOST.fullmatch(value):
        host = value.removeprefix("www.")
        return host if "." in host else None
    host = fold(value)
    if "://" in host:
        host = host.split("://", 1)[1]
    for mark in "/?#":
        if mark in host:
            host = host.split(mark, 1)[0]
    if "@" in host:
        host = host.rsplit("@", 1)[1]
    if ":" in host:
        host = host.split(":", 1)[0]
    host = host.strip(" .*").removeprefix("www.")
    if "_" in host:  # `_spf.acme.com`, `k1._domainkey.acme.com`: a record of the domain behind it
        host = _RECORD.sub("", host)
    if not host.isascii():
        if len(host) > _LONGEST_HOST or any(map(str.isspace, host)):
            return None
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return host if _HOST.fullmatch(host) else None


def _is_surrounding(word: str) -> bool:
    """Say whether a word stands beside names only: an environment, a sign-on, a number, `qa2`."""
    if CLASSES.get(word, 0) & SURROUNDING:
        return True
    if not word[-1].isdigit():
        return False
    return (len(word) >= _LONG_NUMBER and word.isdigit()) or word.rstrip("0123456789") in ENVIRONMENT


def is_reference(word: str) -> bool:
    """Say whether a word of a statement line is a number of the payment: digits, or mixed and long."""
    if word.isalpha():
        return False
    if word.isdigit():
        return True
    digits = sum(map(str.isdigit, word))
    return (digits >= 2 and len(word) >= 6) or (digits >= 1 and len(word) >= 8)


def is_noise(word: str) -> bool:
    """Say whether a word at the end of a statement line belongs to the payment or the place."""
    return word in BILLING or word in COMPANY or word in PLACES or is_reference(word)
