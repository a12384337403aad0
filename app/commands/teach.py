"""`penumbra teach`: what people taught, taking it back, and handing it on."""

import sys
from typing import Annotated

import msgspec
import typer

from app.clock import utc_now
from app.commands.base import all_items, fail, home, out, print_json
from app.db import reading, writing
from app.identify.canonical import render
from app.teaching import offers, service
from app.teaching.schemas import TeachingOut, TeachingQuery, UndoIn

group = typer.Typer(
    no_args_is_help=True,
    help="What people taught: which tool something is. It is taught on the pages and in the API.",
)
_LARGEST = 2**63 - 1
_JSON = typer.Option("--json", help="Print it as JSON.")


@group.command("list")
def teach_list(
    tool: Annotated[
        int | None, typer.Option(min=1, max=_LARGEST, help="Only those from or to this tool, by id.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that were undone.")] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """List what people taught, the newest first: its number, who taught it, what, and why."""
    wanted = TeachingQuery(tool=tool, undone=None if every else False)
    with home() as here:
        with reading(here.engine) as connection:
            found = list(
                all_items(lambda cursor: service.list_teachings(connection, wanted, cursor=cursor, limit=200))
            )
        if as_json:
            print_json([t.model_dump(mode="json") for t in found])
            return
        for teaching in found:
            out.print(_line(teaching), markup=False, soft_wrap=True)
        if not found:
            out.print("Nobody has taught anything yet.")


def _line(teaching: TeachingOut) -> str:
    names = [ref.name for ref in (teaching.from_tool, teaching.to_tool) if ref]
    handles = ", ".join(f"{i.kind} {i.value}" for i in teaching.identifiers[:3])
    if len(teaching.identifiers) > 3:
        handles += f" and {len(teaching.identifiers) - 3} more"
    parts = [
        f"{teaching.id}  {teaching.at:%Y-%m-%d}  {teaching.by}  {teaching.verb.value}",
        " -> ".join(dict.fromkeys(names)),
        handles,
        teaching.reason,
        f"undone by {teaching.undone_by}" if teaching.undone_by else "",
    ]
    return "  ".join(part for part in parts if part)


@group.command("undo")
def teach_undo(
    number: Annotated[
        int,
        typer.Argument(min=1, max=_LARGEST, help="Which teaching; `penumbra teach list` shows the numbers."),
    ],
    reason: Annotated[str, typer.Option(help="Why, for those who read it later.")] = "",
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Take a teaching back, with everything it moved. Later ones stay; any order will do."""
    if len(reason) > 500:
        fail("The reason is too long: at most 500 characters.")
    with home() as here:
        with writing(here.engine) as connection:
            room = service.Classroom(connection, here.kb, actor=here.actor, now=utc_now())
            done = room.undo(number, UndoIn(reason=reason))
        if as_json:
            print_json(done.model_dump(mode="json"))
            return
        out.print(
            f"Undone: {_line(done.teaching)}. It moved {done.apps} apps and {done.merchants} merchants back.",
            markup=False,
            soft_wrap=True,
        )


@group.command("export")
def teach_export(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print plain JSON, without the file's layout.")
    ] = False,
) -> None:
    """Print what was learned as records of the knowledge base.

    A known product has only what it does not know yet; a new tool is a whole record with the category
    "unsorted". Look through them before you add them: names may be your company's own.
    """
    with home() as here:
        with reading(here.engine) as connection:
            found = offers.learned_records(connection, here.kb)
        if as_json:
            print_json(msgspec.to_builtins(found))
        else:
            sys.stdout.write(render(found))
