"""What a person points at: evidence of a tool, and the tool that it belongs to."""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from app.catalog.service import live_tool
from app.catalog.tool_making import facts_of_product, facts_of_unknown, make_tool
from app.errors import Conflict, FieldError, Gone, Invalid, NotFound
from app.identify import KnowledgeBase, Unknown, describe_unknown
from app.language import _
from app.teaching import repository
from app.teaching.handles import Handle, app_handles, handle_of, learned_from, merchant_handles
from app.teaching.repository import Row, Subject
from app.teaching.resolve import Learned
from app.teaching.schemas import Evidence, Target
from connectors.identifiers import APP_NAME, DOMAIN, MERCHANT, Identifier


@dataclass(frozen=True)
class Chosen:
    """Evidence of one tool: its subjects, and the handles that are learned from it."""

    apps: list[Subject]
    merchants: list[Subject]
    learned: list[Learned]


@dataclass(frozen=True)
class Place:
    """A tool that evidence is given to."""

    id: int
    name: str


def choose(connection: Connection, kb: KnowledgeBase, tool: Row, wanted: Evidence) -> Chosen:
    """Find the evidence that a person named.

    Args:
        connection: the transaction.
        kb: the knowledge base.
        tool: whose evidence it must be.
        wanted: by app, merchant and identifier; all of the tool's, if it names nothing.

    Raises:
        Invalid: names each app, merchant or identifier that is not the tool's.
    """
    apps = repository.apps_of_tools(connection, [tool.id])
    merchants = repository.merchants_of_tools(connection, [tool.id])
    everything = wanted.is_empty
    faults: list[FieldError] = []
    some_apps = apps if everything else _named(apps, wanted.apps, "apps", tool, faults)
    some_merchants = (
        merchants if everything else _named(merchants, wanted.merchants, "merchants", tool, faults)
    )
    learned = _learned_from_apps(connection, kb, tool, some_apps)
    for merchant in some_merchants:
        shared = repository.merchants_with_keys(connection, [merchant.key], addresses=False)
        alone = all(m.matched.tool_id == merchant.matched.tool_id for m in shared)
        learned.add(Learned(Handle(MERCHANT, merchant.key), None if alone else merchant.matched.tool_id))
    carried = {h for app in apps for h in _of_app(app)}
    carried |= {h for merchant in merchants for h in merchant_handles(merchant.key)}
    for number, identifier in enumerate(wanted.identifiers):
        handle = handle_of(identifier.kind, identifier.value)
        if handle is None:
            faults.append(FieldError(f"identifiers.{number}", _("nothing can be told apart by this")))
        elif handle not in carried:
            faults.append(
                FieldError(
                    f"identifiers.{number}",
                    _("no app or merchant of “%(name)s” carries this", name=tool.name),
                )
            )
        else:
            learned.add(Learned(handle))
    if faults:
        raise Invalid("; ".join(f"{f.field}: {f.message}" for f in faults[:3]) + ".", fields=faults)
    return Chosen(some_apps, some_merchants, sorted(learned, key=lambda x: (x.handle, x.only or 0)))


def _learned_from_apps(
    connection: Connection, kb: KnowledgeBase, tool: Row, some: Sequence[Subject]
) -> set[Learned]:
    """What stands for some apps; a name or host that other tools' evidence carries too, only for this tool's.

    Whoever points at one app called "Apollo" speaks of no other app called so that was told apart from it.
    """
    stand_for = [(app, handle) for app in some for handle in learned_from(kb, _of_app(app))]
    shared = {handle for _, handle in stand_for if handle.kind in {APP_NAME, DOMAIN}}
    carriers: dict[Handle, list[Subject]] = defaultdict(list)
    if shared:
        others = repository.apps_that_may_carry(connection, shared)
        if any(handle.kind == DOMAIN for handle in shared):
            others += repository.merchants_with_keys(connection, (), addresses=True)
        for other in others:
            for handle in shared.intersection(_handles(other)):
                carriers[handle].append(other)
    learned: set[Learned] = set()
    for app, handle in stand_for:
        told_apart = any(
            other.tool_id != tool.id and other.matched.tool_id != app.matched.tool_id
            for other in carriers[handle]
        )
        learned.add(Learned(handle, app.matched.tool_id if told_apart else None))
    return learned


def _handles(subject: Subject) -> list[Handle]:
    return merchant_handles(subject.key) if subject.key else _of_app(subject)


def _named(
    subjects: Sequence[Subject], ids: Sequence[int], field: str, tool: Row, faults: list[FieldError]
) -> list[Subject]:
    by_id = {s.id: s for s in subjects}
    for number, id_ in enumerate(ids):
        if id_ not in by_id:
            faults.append(
                FieldError(
                    f"{field}.{number}", _("%(id)s is not evidence of “%(name)s”", id=id_, name=tool.name)
                )
            )
    return [by_id[id_] for id_ in dict.fromkeys(ids) if id_ in by_id]


def _of_app(app: Subject) -> list[Handle]:
    return app_handles(app.identifiers, app.name)


def place(
    connection: Connection,
    kb: KnowledgeBase,
    target: Target,
    chosen: Chosen,
    at: datetime,
    *,
    field: str,
) -> Place:
    """Find the tool that a person means, or make it.

    Args:
        connection: the transaction.
        kb: the knowledge base.
        target: as the person said it.
        chosen: what is to go there; an unidentified tool is described from it.
        at: the time.
        field: where the target stands in the request, for errors.

    Raises:
        Invalid: there is no such tool or product; or the evidence would become several unidentified tools.
        Conflict: that tool was merged into another one.
    """
    if target.tool is not None:
        found = existing(connection, target.tool, field=f"{field}.tool")
        return Place(found.id, found.name)
    if target.product is not None:
        product = kb.products.get(target.product)
        if product is None:
            raise _invalid(
                f"{field}.product",
                _("the knowledge base has no product '%(product)s'", product=target.product),
            )
        key, facts = f"kb:{product.id}", facts_of_product(product)
    elif target.new is not None:
        key = f"taught:{secrets.token_hex(8)}"
        facts = {"name": target.new.name, "domain": target.new.domain, "identity": "identified"}
        facts |= {"vendor": None, "category": None}
    else:
        unknowns = [describe_unknown(_told(app)) for app in chosen.apps]
        unknowns += [_described(m) for m in chosen.merchants]
        if len({u.key for u in unknowns}) != 1:
            raise _invalid(
                f"{field}.unidentified", _("name one app or merchant; several would be a tool each")
            )
        key, facts = f"unknown:{unknowns[0].key}", facts_of_unknown(unknowns[0])
    tool_id, _made = make_tool(connection, key, at, **facts)
    found = existing(connection, tool_id, field=field)
    return Place(tool_id, found.name)


def _described(merchant: Subject) -> Unknown:
    kind, _colon, value = merchant.key.partition(":")
    domain = value if kind == "domain" else None
    return Unknown(merchant.name, merchant.key, domain, reseller=kind == "reseller")


def _told(app: Subject) -> tuple[Identifier, ...]:
    told = tuple(Identifier(kind, value) for kind, value in app.identifiers)
    return told or (Identifier(APP_NAME, app.name),)


def existing(connection: Connection, tool_id: int, *, field: str) -> Row:
    """A tool that evidence can be given to.

    Raises:
        Invalid: there is none.
        Conflict: it was merged into another one, which is named.
    """
    try:
        return live_tool(connection, tool_id)
    except NotFound as error:
        raise _invalid(field, _("there is no tool %(tool_id)s", tool_id=tool_id)) from error
    except Gone as error:
        fields = [
            FieldError(field, _("was merged into another tool; name that one, or undo the merge first"))
        ]
        raise Conflict(error.message, code="merged", fields=fields, links=error.links) from error


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(
        _("%(field)s: %(message)s.", field=field, message=message), fields=[FieldError(field, message)]
    )
