"""Whose veil is which: by the setting, the caller's roles, and the sizes of departments."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from app.security import directory
from app.security.privacy import OPEN, Veil
from app.security.schemas import Caller, Side
from app.security.secrets import SecretBox
from app.settings import Settings

REMEMBERED_SECONDS = 30.0
"""So long the sizes of departments and the users' addresses are remembered."""


@dataclass(frozen=True)
class _Directory:
    sizes: Mapping[str, int]
    users: frozenset[str]


class Veils:
    """Gives each caller the veil through which they see people.

    Args:
        settings: whether there are veils, and who sees names.
        box: whose secret pseudonyms are made with.
        monotonic: tells how time passes.
    """

    def __init__(
        self, settings: Settings, box: SecretBox, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._key = None
        if settings.privacy == "pseudonyms":
            self._key = box.derive(f"pseudonyms:{settings.privacy_round}")
        self._names = settings.privacy_names
        self._fewest = settings.privacy_fewest
        self._monotonic = monotonic
        self._known: tuple[float, _Directory] | None = None
        self._lock = threading.Lock()

    @property
    def are_on(self) -> bool:
        """Whether this installation hides names at all."""
        return self._key is not None

    def of(self, connection: Connection, caller: Caller) -> Veil:
        """The veil of a caller: open to the roles that see names, and where there are no veils.

        Args:
            connection: a transaction; asked for departments and users, unless they are remembered.
            caller: who looks.
        """
        if self._key is None or any(role.value in self._names for role in caller.roles):
            return OPEN
        return self._closed(connection, own=caller.person_id, carries_out=caller.sits_with(Side.IT))

    def of_nobody(self, connection: Connection) -> Veil:
        """The veil of whoever has no role, such as who runs commands on the machine."""
        return OPEN if self._key is None else self._closed(connection)

    def _closed(self, connection: Connection, *, own: int | None = None, carries_out: bool = False) -> Veil:
        known = self._directory(connection)
        return Veil(self._key, own, self._fewest, known.sizes, known.users, carries_out)

    def _directory(self, connection: Connection) -> _Directory:
        remembered, now = self._known, self._monotonic()
        if remembered is not None and now - remembered[0] < REMEMBERED_SECONDS:
            return remembered[1]
        found = _Directory(
            directory.department_sizes(connection), frozenset(directory.user_addresses(connection))
        )
        with self._lock:
            self._known = (now, found)
        return found
