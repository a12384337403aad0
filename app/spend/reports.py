"""What was spent: by month, on what nobody decided on, and on tools that do the same thing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.catalog import evidence
from app.catalog.assess import SPEND_PERIOD, USE_PERIOD
from app.catalog.facts import Audience
from app.errors import NotFound
from app.identify import KnowledgeBase
from app.language import _
from app.security.privacy import OTHERS, Veil
from app.spend import repository
from app.spend.overlap import Used, capability_map, side_by_side
from app.spend.partners import OwnersOf
from app.spend.periods import Period, add_months
from app.spend.repository import Row
from app.spend.schemas import (
    ActorOut,
    BesideOut,
    By,
    CapabilityMap,
    CategoryOverlap,
    FieldOut,
    Money,
    MonthRow,
    MonthsOut,
    MonthsQuery,
    RisenOut,
    Shared,
    ToolRef,
    UnreviewedList,
    UnreviewedOut,
    UnreviewedQuery,
)
from app.spend.service import renewal_days

_SHARES_SHOWN = 5
_NOBODY = {By.CATEGORY: "No category yet", By.DEPARTMENT: "No department", By.TOTAL: "All"}


def months(
    connection: Connection, kb: KnowledgeBase, wanted: MonthsQuery, today: date, *, veil: Veil
) -> MonthsOut:
    """What was spent in each of the last months, charges less refunds; the currencies apart.

    Args:
        connection: a reading transaction.
        kb: what categories are called.
        wanted: which months, and told apart by what.
        today: the day.
        veil: what of people the caller is shown: departments that are too small are told together.
    """
    first = add_months(today.replace(day=1), 1 - wanted.months)
    names = [f"{add_months(first, n):%Y-%m}" for n in range(wanted.months)]
    place = {name: n for n, name in enumerate(names)}
    audience = wanted.audience.value if wanted.audience else None
    found: dict[tuple[str | None, str], list[int]] = {}
    rows = repository.by_month(connection, first, today, by=wanted.by.value, audience=audience)
    for row in rows:
        key = row.key
        if wanted.by is By.DEPARTMENT and key is not None and veil.is_small(key):
            key = OTHERS
        line = found.setdefault((key, row.currency), [0] * wanted.months)
        line[place[row.month]] += int(row.minor)
    made = [
        MonthRow(
            key=key,
            name=_named(kb, wanted.by, key),
            currency=currency,
            total_minor=sum(line),
            minor=line,
        )
        for (key, currency), line in found.items()
    ]
    made.sort(key=lambda row: (row.currency, -row.total_minor, row.name))
    return MonthsOut(by=wanted.by, months=names, rows=made)


def _named(kb: KnowledgeBase, by: By, key: str | None) -> str:
    if key is None:
        return _NOBODY[by]
    return category_name(kb, key) if by is By.CATEGORY else key


def category_name(kb: KnowledgeBase, code: str) -> str:
    """A category in words."""
    heading = kb.categories.get(code)
    return heading.name if heading else code.replace("-", " ")


def money(spend: Mapping[str, int]) -> list[Money]:
    """Amounts by currency, the largest first."""
    return [Money(currency=c, minor=m) for c, m in sorted(spend.items(), key=lambda s: (-s[1], s[0])) if m]


def unreviewed(connection: Connection, wanted: UnreviewedQuery, now: datetime) -> UnreviewedList:
    """What was spent in 12 months on tools that nobody decided on, the most expensive first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(wanted.cursor, "unreviewed", (int, int)) if wanted.cursor else None
    audience = wanted.audience.value if wanted.audience else None
    rows = repository.undecided_page(connection, audience=audience, before=before, limit=wanted.limit + 1)
    page = rows[: wanted.limit]
    items = [
        UnreviewedOut.model_validate(
            {**row._mapping, "tool": ToolRef(id=row.id, name=row.name), "spend": money(row.spend)}
        )
        for row in page
    ]
    following = None
    if len(rows) > wanted.limit:
        following = encode_cursor("unreviewed", (page[-1].spend_minor, page[-1].id))
    totals = repository.undecided_totals(connection, now.date() - SPEND_PERIOD, audience=audience)
    return UnreviewedList(items=items, next=following, totals=money(totals))


def spent_between(
    connection: Connection, since: date, until: date, *, audience: Audience | None = None
) -> dict[str, int]:
    """What was spent in a period, both days included, by currency: charges less refunds."""
    only = audience.value if audience else None
    return repository.spent_between(connection, since, until, audience=only)


def price_rises(
    connection: Connection, since: date, *, audience: Audience | None = None, limit: int = 50
) -> list[RisenOut]:
    """Prices that went up since a day and stayed there, the latest first."""
    only = audience.value if audience else None
    found = [
        RisenOut.model_validate(
            {**rise, "tool": ToolRef(id=row.tool_id, name=row.name), "period": Period(row.period)}
        )
        for row in repository.risen(connection, since, audience=only)
        for rise in row.rises
    ]
    recent = [rise for rise in found if rise.on >= since]
    recent.sort(key=lambda rise: (-rise.on.toordinal(), rise.tool.name, rise.tool.id))
    return recent[:limit]


# --- overlap -----------------------------------------------------------------------------------


def overlap(
    connection: Connection, kb: KnowledgeBase, now: datetime, *, audience: Audience | None = None
) -> CapabilityMap:
    """What the company has for what: each category with its tools, people and money."""
    only = audience.value if audience else None
    fields = capability_map(_used(connection, repository.of_categories(connection, audience=only), now))
    return CapabilityMap(
        items=[
            FieldOut(
                category=field.category,
                category_name=category_name(kb, field.category),
                tools=field.tools,
                people=field.people,
                several=field.several,
                spend=money(field.spend),
                sanctioned=[ToolRef(id=tool.id, name=tool.name) for tool in field.sanctioned],
                shadow=[ToolRef(id=tool.id, name=tool.name) for tool in field.shadow],
            )
            for field in fields
        ],
        without_category=repository.without_category(connection, audience=only),
    )


def _used(connection: Connection, rows: Sequence[Row], now: datetime) -> list[Used]:
    today = now.date()
    ids = [row.id for row in rows]
    users = evidence.ids_of_people(connection, ids, today - USE_PERIOD, today - SPEND_PERIOD)
    return [
        Used(
            id=row.id,
            name=row.name,
            category=row.category,
            governance=row.governance,
            shadow=row.shadow,
            in_use=row.evidence == "active",
            people=frozenset(users.get(row.id, ())),
            spend=row.spend,
            passed=row.passed,
        )
        for row in rows
    ]


def category_overlap(
    connection: Connection,
    kb: KnowledgeBase,
    category: str,
    owners_of: OwnersOf,
    now: datetime,
    *,
    first: int | None = None,
) -> CategoryOverlap:
    """The tools of one category side by side: people, shared people, money, what was decided, who owns it.

    Args:
        connection: a reading transaction.
        kb: the knowledge base, for the category's name.
        category: which one.
        owners_of: who owns which tool.
        now: the time.
        first: only the so many most used tools; all, if not given.

    Raises:
        NotFound: no tool in use, and none that was decided for, is of this category.
    """
    rows = {row.id: row for row in repository.of_categories(connection, category)}
    if not rows:
        raise NotFound(_("No tool in use is of the category “%(category)s”.", category=category))
    used = _used(connection, list(rows.values()), now)
    field = capability_map(used)[0]
    shown = side_by_side(used, shares=_SHARES_SHOWN, first=first)
    ids = [beside.tool.id for beside in shown]
    owners = owners_of(connection, ids)
    days = renewal_days(connection, ids, now.date())
    refs = {row.id: ToolRef(id=row.id, name=row.name) for row in rows.values()}
    return CategoryOverlap(
        category=category,
        category_name=category_name(kb, category),
        people=field.people,
        several=field.several,
        spend=money(field.spend),
        tools=[
            BesideOut.model_validate(
                {
                    "tool": refs[beside.tool.id],
                    "evidence": rows[beside.tool.id].evidence,
                    "governance": beside.tool.governance,
                    "shadow": beside.tool.shadow,
                    "people": len(beside.tool.people),
                    "shared_people": beside.shared,
                    "shared_with": [Shared(tool=refs[other], people=count) for other, count in beside.shares],
                    "spend": money(beside.tool.spend),
                    "owners": [
                        ActorOut(user_id=owner.user_id, name=owner.name)
                        for owner in owners.get(beside.tool.id, ())
                    ],
                    "renews_on": days.get(beside.tool.id),
                }
            )
            for beside in shown
        ],
        count=len(rows),
    )
