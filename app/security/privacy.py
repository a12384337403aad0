"""What of a person somebody is shown: one place decides it. Pure.

People whom the directories show using, paying for or allowing a tool appear under a pseudonym to whoever
does not need their name. The pseudonym is a keyed digest of the person's id: the same on every page, in every
export and after every scan, and without the key nobody can work out whose it is.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

_ADDRESS = re.compile(r"[^\s@<>()\[\]\"',;:*|/\\=]+@[^\s@<>()\[\]\"',;:*|/\\=]+\.[^\W\d_]{2,}", re.UNICODE)
_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
"""Base 32 as Crockford writes it: without letters that look like digits."""
HIDDEN = "(hidden)"
OTHERS = "Other departments"
"""What departments are called together that are too small to be named."""


@dataclass(frozen=True)
class Veil:
    """What one caller is shown of people. Without a key it hides nothing.

    Attributes:
        key: what pseudonyms are made with; None: names are shown.
        own: the caller's own person, who is shown to them by name.
        fewest: smaller counts of people by department are not shown, nor are smaller departments.
        sizes: how many people each department has.
        users: addresses, in lower case, of those who log in: what they do here they do under their names.
        carries_out: the caller is a person of IT, who ends access by hand where a plan says so.
    """

    key: bytes | None = None
    own: int | None = None
    fewest: int = 5
    sizes: Mapping[str, int] = field(default_factory=dict)
    users: frozenset[str] = frozenset()
    carries_out: bool = False

    @property
    def is_open(self) -> bool:
        """Whether everything is shown."""
        return self.key is None

    def hides(self, person_id: int | None) -> bool:
        """Whether this person is shown under a pseudonym."""
        return self.key is not None and (person_id is None or person_id != self.own)

    def lifted(self) -> "Veil":
        """The same without hiding anything, for a purpose that needs the name."""
        return replace(self, key=None)

    # --- one person ----------------------------------------------------------------------------

    def pseudonym(self, person_id: int) -> str:
        """What somebody is called to those who do not see names: `Person K7QF-3M2W`.

        Raises:
            ValueError: the veil is open, and has no key to make one with.
        """
        if self.key is None:
            raise ValueError("an open veil has no pseudonyms")
        digest = hmac.digest(self.key, b"person:%d" % person_id, hashlib.sha256)
        letters = base64.b32encode(digest[:5]).decode().translate(_LETTERS)
        return f"Person {letters[:4]}-{letters[4:]}"

    def name(self, person_id: int, name: str | None) -> str | None:
        """A person's name as it is shown."""
        return self.pseudonym(person_id) if self.hides(person_id) else name

    def only_theirs(self, person_id: int | None, value: str | None) -> str | None:
        """An address, account, title or anything else that says who somebody is: shown or left out."""
        return None if self.hides(person_id) else value

    def department(self, person_id: int | None, department: str | None) -> str | None:
        """A person's department, unless it is so small that it says who they are."""
        if department is None or not self.hides(person_id):
            return department
        return None if self.is_small(department) else department

    # --- departments ---------------------------------------------------------------------------

    def is_small(self, department: str) -> bool:
        """Whether a department has too few people for anything to be said about it."""
        return self.key is not None and self.sizes.get(department, 0) < self.fewest

    def count(self, people: int) -> int | None:
        """A count of a department's people; None where it is below the fewest that are shown."""
        return None if self.key is not None and 0 < people < self.fewest else people

    @property
    def fewer_than(self) -> int | None:
        """What goes with a count that is not shown; None where all are."""
        return None if self.key is None else self.fewest

    def departments(self, counts: Iterable[tuple[str, int]]) -> list[tuple[str, int | None]]:
        """Counts by department; those of small ones together, at the end."""
        shown: list[tuple[str, int | None]] = []
        others = 0
        for name, people in counts:
            if self.is_small(name):
                others += people
            else:
                shown.append((name, self.count(people)))
        return [*shown, (OTHERS, self.count(others))] if others else shown

    # --- text ----------------------------------------------------------------------------------

    def text(self, text: str | None, *names: str | None) -> str | None:
        """A vendor's text without e-mail addresses, and without these names.

        Only names that are at hand are taken out, never whatever the directory knows: a text that somebody
        wrote themselves would tell them then whom the directory has.
        """
        if text is None or self.key is None:
            return text
        shown = _ADDRESS.sub(HIDDEN, text)
        for name in names:
            if name and name.strip():
                shown = re.sub(re.escape(name.strip()), HIDDEN, shown, flags=re.IGNORECASE)
        return shown

    def plain(self, value: Any) -> Any:
        """JSON values of a vendor, such as an app's facts, without e-mail addresses."""
        return value if self.key is None else _walked(value, lambda text: _ADDRESS.sub(HIDDEN, text))

    def record(self, value: Any) -> Any:
        """JSON values of the audit trail: no addresses but those of people who log in."""
        if self.key is None:
            return value

        def spare(found: re.Match[str]) -> str:
            return found[0] if found[0].lower() in self.users else HIDDEN

        return _walked(value, lambda text: _ADDRESS.sub(spare, text))


OPEN = Veil()
"""Hides nothing."""


def _walked(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {change(str(key)): _walked(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walked(item, change) for item in value]
    return value
