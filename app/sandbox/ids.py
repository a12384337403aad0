"""Ids that look like the vendors' own and are always the same for the same thing."""

import hashlib
import string
from functools import cache

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BASE36 = string.digits + string.ascii_lowercase


def number(*parts: object) -> int:
    """A 128-bit number that depends on the parts only."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")


def _letters(value: int, alphabet: str, length: int) -> str:
    found = []
    for _ in range(length):
        value, digit = divmod(value, len(alphabet))
        found.append(alphabet[digit])
    return "".join(found)


@cache
def okta(prefix: str, *parts: object) -> str:
    """An Okta id: a prefix such as `00u`, `0oa`, `00g`, `oag`, then 17 characters."""
    return prefix + _letters(number(prefix, *parts), _BASE62, 17)


@cache
def guid(*parts: object) -> str:
    """A GUID in Microsoft's and Ramp's spelling."""
    return as_guid(number("guid", *parts))


def as_guid(value: int) -> str:
    """A 128-bit number as a GUID of version 4."""
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[int(text[16], 16) % 4]}{text[17:20]}-{text[20:]}"


def google_client(*parts: object) -> str:
    """A Google OAuth client id."""
    value = number("google", *parts)
    project = 100_000_000_000 + value % 899_999_999_999
    name = _letters(value // 7, _BASE36, 24) + _letters(value // 11, _BASE36, 8)
    return f"{project}-{name}.apps.googleusercontent.com"


def google_user(*parts: object) -> str:
    """A Google profile id: 21 digits."""
    return f"1{number('person', *parts) % 10**20:020d}"


def opaque(length: int, *parts: object) -> str:
    """Letters and digits of no meaning (etags, references)."""
    return _letters(number("opaque", *parts), _BASE62, min(length, 20))
