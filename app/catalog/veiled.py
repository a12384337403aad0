"""People of the directories as a caller is shown them. Every row of a person leaves through here."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from app.catalog.person_schemas import AccountOut, PersonRef
from app.catalog.schemas import DepartmentCount, DepartmentOut
from app.errors import FieldError, Forbidden
from app.language import _, lasting
from app.security.privacy import Veil

_TEAM_SHARE = re.compile(r"\b(\d[\d,]*) of the (\d[\d,]*) people who use it work in marketing teams")
"""How `app.identify.audience` counts by department, in words."""


def person_ref(row: Any, veil: Veil) -> PersonRef | None:
    """The person of a row that was joined with people; None for nobody."""
    if row.person_id is None:
        return None
    return somebody(
        veil,
        row.person_id,
        name=row.person_name,
        email=row.person_email,
        department=row.person_department,
        active=row.person_active,
    )


def somebody(
    veil: Veil,
    person_id: int,
    *,
    name: str | None,
    email: str | None,
    department: str | None,
    active: bool | None,
) -> PersonRef:
    """Somebody, in short, as a caller sees them."""
    return PersonRef(
        id=person_id,
        name=veil.name(person_id, name),
        email=veil.only_theirs(person_id, email),
        department=veil.department(person_id, department),
        active=active,
    )


def person_values(row: Any, veil: Veil) -> dict[str, Any]:
    """A row of people (and whatever stands beside it) as a caller sees it."""
    values = dict(row._mapping)
    values["name"] = veil.name(row.id, row.name)
    values["department"] = veil.department(row.id, row.department)
    for name in ("email", "title", "manager_email"):
        values[name] = veil.only_theirs(row.id, values[name])
    return values


def account(row: Any, person_id: int, veil: Veil) -> AccountOut:
    """An account of a person: at which source, and by what it is known there."""
    return AccountOut.model_validate({**row._mapping, "ref": veil.only_theirs(person_id, row.ref)})


def department_counts(counts: Iterable[Any], veil: Veil) -> list[DepartmentCount]:
    """How many people of each department use a tool, as `{"department": …, "people": …}`."""
    shown = veil.departments((c["department"], c["people"]) for c in counts)
    return [
        DepartmentCount(
            department=name, people=people, fewer_than=veil.fewer_than if people is None else None
        )
        for name, people in shown
    ]


def department(row: Any, veil: Veil) -> DepartmentOut:
    """A department; of a small one nothing but its name."""
    people = None if veil.is_small(row.name) else veil.count(row.people)
    hidden = people is None
    return DepartmentOut(
        name=row.name,
        people=people,
        fewer_than=veil.fewer_than if hidden else None,
        tools=None if hidden else row.tools,
    )


def by_department(counts: dict[str, int], veil: Veil) -> dict[str, int | str]:
    """The same for counts that were kept with a decision; what is not shown is said in words."""
    words = lasting("fewer than %(n)s", n=veil.fewest)
    return {name: words if people is None else people for name, people in veil.departments(counts.items())}


def reasons(given: Sequence[str], veil: Veil) -> list[str]:
    """Reasons without small counts of people by team."""
    return list(given) if veil.is_open else [_TEAM_SHARE.sub(lambda m: _share(m, veil), r) for r in given]


def _share(found: re.Match[str], veil: Veil) -> str:
    marketing, total = (int(number.replace(",", "")) for number in found.groups())
    if None not in (veil.count(marketing), veil.count(total - marketing)):
        return found[0]
    if not marketing:
        return lasting("Nobody who uses it works in a marketing team")
    if 2 * marketing >= total:
        return lasting("Most people who use it work in marketing teams")
    return lasting("Some people who use it work in marketing teams")


def allow_departments(wanted: Iterable[str], veil: Veil) -> None:
    """Let a filter by department pass unless it would single out the people of a small one.

    Raises:
        Forbidden: one of the departments is too small to be asked about.
    """
    if any(veil.is_small(name) for name in wanted):
        raise Forbidden(
            _(
                "Departments of fewer than %(fewest)s people are not shown one by one here.",
                fewest=veil.fewest,
            ),
            code="small_department",
            fields=[FieldError("department", _("choose a larger one, or none"))],
        )
