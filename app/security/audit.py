"""The audit trail: who did what to which thing, written in the same transaction as the deed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy.engine import Connection

from app.clock import utc_now
from app.security import repository


def record(
    connection: Connection,
    actor: str,
    action: str,
    thing: str,
    detail: Mapping[str, Any] | None = None,
    *,
    at: datetime | None = None,
) -> None:
    """Append one line to the audit trail.

    Args:
        connection: the transaction of the deed itself: both are kept or neither.
        actor: `token:name`, `cli:user` or `system`.
        action: a verb with its object, such as `source.create`.
        thing: what it was done to, such as `source:3`.
        detail: plain values for people. Names of changed fields are welcome, secrets never are.
        at: when; now, if not given.

    Raises:
        ValueError: `detail` holds a secret value.
    """
    values = dict(detail or {})
    if any(isinstance(v, SecretStr | bytes) for v in values.values()):
        raise ValueError("a secret must not reach the audit trail")
    repository.insert_audit(
        connection, at=at or utc_now(), actor=actor, action=action, object=thing, detail=values
    )
