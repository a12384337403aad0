"""Configured accounts of connectors: tried before they are saved, sealed, changed, removed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from app.catalog import leftovers
from app.errors import (
    Conflict,
    FieldError,
    Invalid,
    NotFound,
    PenumbraError,
    PreconditionFailed,
    TryLater,
    VendorFailed,
)
from app.identify import KnowledgeBase
from app.language import _, lasting, retold
from app.security import audit
from app.security.secrets import SecretBox
from app.sources import repository
from app.sources.config import Prepared, merge, prepare, secret_fields
from app.sources.health import health_sentence
from app.sources.installed import connector_class
from app.sources.schemas import (
    CheckOut,
    SourceChange,
    SourceIn,
    SourceOut,
)
from app.teaching.repository import keep_out_teachers
from connectors.base import CheckReport, Connector, Context
from connectors.errors import ConnectorError, NeedsAdmin, RetryLater

log = structlog.get_logger("app.sources")


def prepare_new(connector: str, config: Mapping[str, Any]) -> Prepared:
    """A config that somebody typed, found valid and taken apart.

    Raises:
        NotFound: no such connector.
        Invalid: names each wrong field as `config.<field>`.
    """
    return prepare(connector_class(connector).Config, config)


def load_connector(source: sa.Row[*tuple[Any, ...]], context: Context, secrets: SecretBox) -> Connector[Any]:
    """The connector of a stored source, ready to read; use it with `async with`.

    Args:
        source: a row of `sources`.
        context: the clock, patience and network that the connector is lent.
        secrets: opens what is sealed in the row.

    Raises:
        NotFound: its connector is no longer installed.
        Invalid: the stored config no longer fits the connector.
        ValueError: the secrets were sealed with another key.
    """
    kind = connector_class(source.connector)
    values = {**source.config, **secrets.open(source.secrets)}
    return kind(prepare(kind.Config, values).config, context)


# --- checking --------------------------------------------------------------------------------


async def check(connector: str, prepared: Prepared, context: Context) -> CheckReport:
    """Try a config at the vendor. Holds no transaction: a vendor may take a minute to answer.

    Raises:
        Invalid: the credential is refused.
        TryLater: the vendor asks to wait, or cannot be reached.
        VendorFailed: its answer cannot be used.
    """
    kind = connector_class(connector)
    try:
        async with kind(prepared.config, context) as opened:
            return await opened.check()
    except NeedsAdmin as error:
        raise Invalid(
            retold(str(error)), code="needs_admin", fields=[FieldError("config", retold(str(error)))]
        ) from error
    except RetryLater as error:
        raise TryLater(
            retold(str(error)), headers={"Retry-After": str(max(1, round(error.seconds)))}
        ) from error
    except ConnectorError as error:
        raise VendorFailed(retold(str(error))) from error


def report_of(report: CheckReport) -> CheckOut:
    """A check's report for people: what is optional and missing becomes a warning."""
    missing = [
        lasting(
            "Without %(name)s: %(reason)s. %(detail)s", name=p.name, reason=p.reason, detail=p.detail
        ).strip()
        for p in report.permissions
        if p.optional and not p.granted
    ]
    return CheckOut(
        ok=report.ok,
        account=report.account,
        account_name=report.account_name,
        permissions=report.permissions,
        warnings=[*report.warnings, *missing],
    )


def require_ok(report: CheckReport, *, force: bool) -> None:
    """Refuse a config whose check misses a permission that is needed, unless told to go on.

    Raises:
        Invalid: names each missing permission.
    """
    missing = [p for p in report.permissions if not p.granted and not p.optional]
    if missing and not force:
        names = ", ".join(p.name for p in missing)
        raise Invalid(
            _(
                "Permissions are missing at the vendor: %(names)s. Grant them and try again, or save it "
                "all the same (in the API: ?force=true).",
                names=names,
            ),
            code="missing_permissions",
            fields=[FieldError("config", f"{p.name}: {p.reason}. {p.detail}".strip()) for p in missing],
        )


# --- sources ---------------------------------------------------------------------------------


def list_sources(connection: Connection, secrets: SecretBox) -> list[SourceOut]:
    """All sources by name."""
    return [shown(row, secrets) for row in repository.all_sources(connection)]


def get_source(connection: Connection, source_id: int) -> sa.Row[*tuple[Any, ...]]:
    """The stored row of a source.

    Raises:
        NotFound: there is none.
    """
    row = repository.source(connection, source_id)
    if row is None:
        raise NotFound(_("There is no source %(source_id)s.", source_id=source_id))
    return row


def find_source(connection: Connection, name: str) -> sa.Row[*tuple[Any, ...]]:
    """The stored row of the source called `name`.

    Raises:
        NotFound: there is none.
    """
    row = repository.source_named(connection, name)
    if row is None:
        raise NotFound(_("There is no source named '%(name)s'.", name=name))
    return row


def shown(row: sa.Row[*tuple[Any, ...]], secrets: SecretBox) -> SourceOut:
    """A source as it may be shown."""
    try:
        names = sorted(secrets.open(row.secrets))
    except ValueError:
        names = []
    return SourceOut.model_validate(
        {**row._mapping, "secrets_set": names, "health_text": health_sentence(row)}
    )


def create(
    connection: Connection,
    wanted: SourceIn,
    prepared: Prepared,
    report: CheckReport,
    *,
    secrets: SecretBox,
    actor: str,
    now: datetime,
) -> sa.Row[*tuple[Any, ...]]:
    """Save a source that was checked.

    Raises:
        Conflict: the name is taken, or another source reads this account.
    """
    _refuse_double(connection, wanted.name, wanted.connector, report.account, except_id=None)
    values = {
        "name": wanted.name,
        "connector": wanted.connector,
        "account": report.account,
        "account_name": report.account_name,
        "config": prepared.public,
        "secrets": secrets.seal(prepared.secrets),
        "schedule_minutes": wanted.schedule_minutes,
        "enabled": wanted.enabled,
        "next_scan_at": now if wanted.enabled else None,
        "created_at": now,
        "updated_at": now,
    }
    try:
        source_id = repository.insert(connection, values)
    except IntegrityError as error:  # somebody else was faster
        raise Conflict(_("A source with this name or account was added at the same moment.")) from error
    audit.record(
        connection,
        actor,
        "source.create",
        f"source:{source_id}",
        {"name": wanted.name, "connector": wanted.connector, "account": report.account},
        at=now,
    )
    return get_source(connection, source_id)


def changed_config(row: sa.Row[*tuple[Any, ...]], changes: Mapping[str, Any], secrets: SecretBox) -> Prepared:
    """A stored config with changes laid over it, found valid; secrets that are left out are kept.

    Raises:
        Invalid: names each wrong field.
        Conflict: the stored secrets cannot be opened and were not all given again.
    """
    config = connector_class(row.connector).Config
    try:
        stored = secrets.open(row.secrets)
    except ValueError as error:
        if not secret_fields(config) <= set(changes):
            raise Conflict(_("The stored secrets cannot be opened any more: give them all again.")) from error
        stored = {}
    return prepare(config, merge(config, row.config, stored, changes))


def update(
    connection: Connection,
    source_id: int,
    version: int,
    change: SourceChange,
    prepared: Prepared | None,
    report: CheckReport | None,
    *,
    secrets: SecretBox,
    actor: str,
    now: datetime,
) -> sa.Row[*tuple[Any, ...]]:
    """Change a source; a changed config comes with the report of its check.

    Raises:
        NotFound, PreconditionFailed: it is gone, or not the version that was read.
        Conflict: the name is taken, or the config reaches another account.
    """
    row = at_version(get_source(connection, source_id), version)
    values: dict[str, Any] = {"updated_at": now}
    changed = sorted(change.model_fields_set)
    for field in ("name", "schedule_minutes", "enabled"):
        value = getattr(change, field)
        if value is not None:
            values[field] = value
    if change.name is not None:
        _refuse_double(connection, change.name, row.connector, row.account, except_id=row.id)
    if change.enabled is not None and change.enabled != row.enabled:
        values["next_scan_at"] = now if change.enabled else None
    if prepared is not None and report is not None:
        if report.account != row.account:
            raise Conflict(
                _(
                    "These settings reach another account (%(account)s): add it as a source of its own, so "
                    "that the two do not mix.",
                    account=report.account_name or report.account,
                ),
                code="other_account",
            )
        values |= {"config": prepared.public, "secrets": secrets.seal(prepared.secrets)}
        values |= {"account_name": report.account_name}
        changed = [c for c in changed if c != "config"]
        changed += [f"config.{name}" for name in sorted(change.config or {})]
    try:
        if not repository.update(connection, source_id, version, values):
            raise _stale(row)
    except IntegrityError as error:
        raise Conflict(_("A source with this name was added at the same moment.")) from error
    audit.record(connection, actor, "source.update", f"source:{source_id}", {"changed": changed}, at=now)
    return get_source(connection, source_id)


def delete(
    connection: Connection, source_id: int, version: int, *, kb: KnowledgeBase, actor: str, now: datetime
) -> None:
    """Remove a source with all it brought, and what nothing speaks for without it.

    Raises:
        NotFound, PreconditionFailed: it is gone, or not the version that was read.
        Conflict: a scan of it is under way.
    """
    # First of all: who teaches counts on the tools that they have read, and waits for none of our rows.
    keep_out_teachers(connection)
    row = at_version(get_source(connection, source_id), version)
    active = repository.active_scan(connection, source_id)
    if active is not None:
        raise Conflict(
            _("Scan %(active)s of this source is under way: stop it first.", active=active),
            code="scan_active",
            links={"scan": f"/api/v1/scans/{active}"},
        )
    touched = leftovers.touched_by(connection, source_id)
    if not repository.delete(connection, source_id, version):
        raise _stale(row)
    leftovers.settle(connection, kb, touched, now)
    detail = {"name": row.name, "connector": row.connector, "account": row.account}
    audit.record(connection, actor, "source.delete", f"source:{source_id}", detail, at=now)


def at_version(row: sa.Row[*tuple[Any, ...]], version: int) -> sa.Row[*tuple[Any, ...]]:
    """Let a row pass if it has this version.

    Raises:
        PreconditionFailed: it has another.
    """
    if row.version != version:
        raise _stale(row)
    return row


def _stale(row: sa.Row[*tuple[Any, ...]]) -> PenumbraError:
    return PreconditionFailed(
        _(
            "Somebody changed this source since you opened it. Open it again to see what is new, then "
            "do this once more."
        ),
        version=row.version,
    )


def _refuse_double(
    connection: Connection, name: str, connector: str, account: str, *, except_id: int | None
) -> None:
    named = repository.source_named(connection, name)
    if named is not None and named.id != except_id:
        raise Conflict(_("There is a source named '%(name)s' already.", name=name), code="name_taken")
    same = repository.source_of_account(connection, connector, account)
    if same is not None and same.id != except_id:
        raise Conflict(
            _("The source '%(name)s' reads this account already.", name=same.name),
            code="account_taken",
            links={"source": f"/api/v1/sources/{same.id}"},
        )
