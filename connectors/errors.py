"""Errors named by what happens next, so that whoever catches one knows what to do.

Every error carries a sentence for people. None of them ever carries a secret: messages are built
from hosts, paths, field names and permissions, never from headers or bodies.
"""


class ConnectorError(Exception):
    """Root of all that a connector may raise; `str()` is a sentence for people."""


class NeedsAdmin(ConnectorError):
    """A person must act before another read makes sense: a credential, a role, a permission.

    Attributes:
        permission: the exact permission that is missing, in the vendor's spelling, or None when
            the credential itself is refused.
    """

    def __init__(self, message: str, *, permission: str | None = None) -> None:
        super().__init__(message)
        self.permission = permission


class RetryLater(ConnectorError):
    """The vendor asks to come back after `seconds`; what was read so far stays valid."""

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class NotAvailable(ConnectorError):
    """This tenant does not have the feature (a licence, an edition): note it and go on without."""


class VendorChanged(ConnectorError):
    """The vendor's answer breaks what its documentation promises: the connector needs an update.

    Raised for unreadable bodies, missing required fields, links to foreign hosts and cursors that
    repeat. Reading stops; nothing is concluded from what was not seen.
    """


class SkipRecord(ConnectorError):
    """One record cannot be used; it is counted and shown, and reading goes on.

    Attributes:
        ref: how a person finds the record again (an id, "line 812").
    """

    def __init__(self, message: str, *, ref: str) -> None:
        super().__init__(message)
        self.ref = ref
