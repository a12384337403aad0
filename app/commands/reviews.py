"""`penumbra reviews`: the joint reviews, and what days passing does to decisions."""

from typing import Annotated

import typer
from pydantic import ValidationError

from app.catalog.money import counted
from app.clock import utc_now
from app.commands.base import all_items, fail, home, out, print_json
from app.commands.scoreboard import lines
from app.db import reading, writing
from app.joining import house_rules
from app.reviews import board
from app.reviews import reading as read
from app.reviews.answers import ReviewItem
from app.reviews.board_answers import ScoreboardQuery
from app.reviews.schemas import ReviewQuery
from app.reviews.sweeping import sweep
from app.reviews.words import Party, Standing

group = typer.Typer(
    no_args_is_help=True,
    help="The joint reviews of IT and marketing. They are held on the pages and in the API.",
)
_JSON = typer.Option("--json", help="Print it as JSON.")


@group.command("list")
def reviews_list(
    waiting_on: Annotated[
        Party | None, typer.Option(help="Only those in which this party must act now.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that are decided or withdrawn.")] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """List the reviews that go on, the newest first: number, lane, tool, and whom each waits on."""
    wanted = ReviewQuery(
        state=[] if every else [Standing.OPEN, Standing.DEADLOCK],
        waiting_on=[waiting_on] if waiting_on else [],
    )
    with home() as here:
        with reading(here.engine) as connection:
            found = list(
                all_items(lambda cursor: read.list_reviews(connection, wanted, cursor=cursor, limit=200))
            )
        if as_json:
            print_json([item.model_dump(mode="json") for item in found])
            return
        for item in found:
            out.print(_line(item), markup=False, soft_wrap=True)
        if not found:
            out.print("There is none.")


def _line(item: ReviewItem) -> str:
    waits = ", ".join(party.value for party in item.waiting_on)
    stands = f"waits on {waits}" if waits else (item.outcome.value if item.outcome else item.state.value)
    return f"{item.id}  {item.opened_at:%Y-%m-%d}  {item.lane.value}  {item.tool.name}  {stands}"


@group.command("sweep")
def reviews_sweep(as_json: Annotated[bool, _JSON] = False) -> None:
    """Note which promises were missed and which provisional decisions ran out, and open those reviews again.

    Doing it twice changes nothing.
    """
    with home() as here:
        with writing(here.engine) as connection:
            done = sweep(connection, utc_now(), reassess=here.reassess, house=house_rules(), actor=here.actor)
        if as_json:
            print_json(done.model_dump(mode="json"))
            return
        numbers = ", ".join(str(n) for n in done.reopened)
        opened = f" Opened again: review {numbers}." if numbers else ""
        out.print(
            f"Missed: {counted(done.missed, 'promise')}. "
            f"Run out: {counted(done.expired, 'provisional decision')}.{opened}",
            markup=False,
            soft_wrap=True,
        )


@group.command("scoreboard")
def reviews_scoreboard(
    first: Annotated[str | None, typer.Option("--from", help="The first day, as 2026-01-01.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last day, included; today.")] = None,
    department: Annotated[str | None, typer.Option(help="Only tools that this department uses.")] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Show the numbers that both sides see, for 12 months or for the days given, and for as many before."""
    given = {"from": first, "to": last, "department": department}
    try:
        wanted = ScoreboardQuery.model_validate({name: v for name, v in given.items() if v is not None})
    except ValidationError as error:
        wrong = error.errors()[0]
        fail(f"--{wrong['loc'][0]}: {wrong['msg'].removeprefix('Value error, ')}.")
    with home() as here:
        with reading(here.engine) as connection:
            found = board.scoreboard(connection, wanted, utc_now(), veil=here.veil(connection))
        if as_json:
            print_json(found.model_dump(mode="json"))
            return
        for line in lines(found):
            out.print(line, markup=False, soft_wrap=True)
