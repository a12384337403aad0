"""`penumbra spend`: what renews, what does the same thing, and what was spent month by month."""

from typing import Annotated

import typer

from app.catalog.money import amount, counted
from app.clock import utc_now
from app.commands.base import all_items, home, out, print_json
from app.db import reading
from app.joining import owners_of
from app.spend import reports, service
from app.spend.schemas import By, Money, MonthsQuery, RenewalFilter, RenewalOut

group = typer.Typer(
    no_args_is_help=True, help="Spend: what renews, what does the same thing, what a month cost."
)
_JSON = typer.Option("--json", help="Print it as JSON.")
_PER = {"monthly": "a month", "quarterly": "a quarter", "yearly": "a year", "once": "once"}


@group.command("renewals")
def spend_renewals(
    days: Annotated[int, typer.Option(min=0, max=3650, help="Within so many days.")] = 90,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """List what renews, the next one first, with the last day to give notice."""
    with home() as here:
        today = utc_now().date()
        wanted = RenewalFilter(within_days=days)
        with reading(here.engine) as connection:
            veil = here.veil(connection)
            found = list(
                all_items(
                    lambda cursor: service.list_renewals(
                        connection, wanted, today, veil=veil, cursor=cursor, limit=200
                    )
                )
            )
        if as_json:
            print_json([item.model_dump(mode="json") for item in found])
            return
        for item in found:
            out.print(_line(item), markup=False, soft_wrap=True)
        if not found:
            out.print(f"Nothing that is known renews within {counted(days, 'day')}.", markup=False)


def _line(item: RenewalOut) -> str:
    verb = "renews" if item.auto_renews else "ends"
    notice = f"notice by {item.notice_by}" if item.notice_known else "notice unknown"
    cost = f"{amount(item.amount_minor, item.currency)} {_PER[item.per.value]}"
    return f"{item.on}  {item.tool.name}  {verb} in {counted(item.days, 'day')}  {cost}  {notice}"


@group.command("overlap")
def spend_overlap(
    category: Annotated[str | None, typer.Argument(help="One category, tool by tool.")] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Say what the company has for what: each category with its tools, people and 12 months' money."""
    with home() as here:
        now = utc_now()
        with reading(here.engine) as connection:
            if category is not None:
                found = reports.category_overlap(connection, here.kb, category, owners_of, now)
                lines = [
                    f"{counted(t.people, 'person', 'people')}  {t.tool.name}  {t.governance.value}  "
                    f"shares {t.shared_people}  {_money(t.spend)}"
                    for t in found.tools
                ]
            else:
                found = reports.overlap(connection, here.kb, now)
                lines = [
                    f"{counted(f.tools, 'tool')}  {f.category_name} ({f.category})  "
                    f"{counted(f.people, 'person', 'people')}, {f.several} of them in several  "
                    f"{len(f.sanctioned)} sanctioned, {len(f.shadow)} shadow  {_money(f.spend)}"
                    for f in found.items
                ]
        if as_json:
            print_json(found.model_dump(mode="json"))
            return
        for line in lines:
            out.print(line, markup=False, soft_wrap=True)
        if not lines:
            out.print("No tool in use has a category.")


def _money(spend: list[Money]) -> str:
    return " + ".join(amount(m.minor, m.currency) for m in spend) or "nothing paid"


@group.command("months")
def spend_months(
    months: Annotated[int, typer.Option(min=1, max=24, help="So many, this one included.")] = 12,
    by: Annotated[By, typer.Option(help="Told apart by what.")] = By.TOTAL,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Say what was spent in each of the last months; the currencies apart."""
    with home() as here:
        wanted = MonthsQuery(months=months, by=by)
        with reading(here.engine) as connection:
            found = reports.months(connection, here.kb, wanted, utc_now().date(), veil=here.veil(connection))
        if as_json:
            print_json(found.model_dump(mode="json"))
            return
        for row in found.rows:
            out.print(f"{row.name}: {amount(row.total_minor, row.currency)}", markup=False, soft_wrap=True)
            for month, minor in zip(found.months, row.minor, strict=True):
                out.print(f"  {month}  {amount(minor, row.currency)}", markup=False)
        if not found.rows:
            out.print(f"Nothing was paid in {counted(months, 'month')}.", markup=False)
