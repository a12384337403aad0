"""`penumbra notify`: deliver what is due, and look at what was put aside."""

import asyncio
import contextlib
from typing import Annotated

import structlog
import typer

from app.clock import utc_now
from app.commands.base import home, out, print_json
from app.db import reading, writing
from app.notify import inbox
from app.notify.deliver import notifier_of
from app.notify.schedule import Beat
from app.notify.schemas import DeliveryOut, OutboxQuery

log = structlog.get_logger(__name__)
group = typer.Typer(no_args_is_help=True, help="The outbox: what people and systems are told.")
_JSON = typer.Option("--json", help="Print it as JSON.")


@group.command("run")
def run(
    once: Annotated[bool, typer.Option("--once", help="Deliver what is due now, and exit.")] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Deliver what is due. `penumbra serve` does this by itself; this is for a process of its own."""
    from app.mailing import reports_due  # it words them as the pages do, which other commands need not load

    with home() as here:
        put_due = reports_due(here.engine, here.veils)

        async def deliver() -> int:
            notifier = notifier_of(here.settings, here.engine, here.secrets)
            try:
                await asyncio.to_thread(put_due)
            except Exception:  # what is in the outbox already is delivered all the same
                log.exception("what is due could not be put into the outbox")
            try:
                return await notifier.drain()
            finally:
                await notifier.close()

        async def stay() -> None:
            notifier = notifier_of(here.settings, here.engine, here.secrets)
            beat = Beat(notifier, keep_days=here.settings.personal_data_days, post=put_due)
            beat.start()
            try:
                await asyncio.Event().wait()
            finally:
                await beat.close()

        if not once:
            with contextlib.suppress(KeyboardInterrupt):
                asyncio.run(stay())
            return
        tried = asyncio.run(deliver())
        if as_json:
            print_json({"tried": tried})
            return
        number = "1 delivery" if tried == 1 else f"{tried} deliveries"
        out.print(f"Tried {number}." if tried else "Nothing was due.", markup=False)


@group.command("list")
def list_(
    dead: Annotated[bool, typer.Option("--dead", help="Only what was put aside.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 50,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """List deliveries, the newest first."""
    with home() as here:
        with reading(here.engine) as connection:
            query = OutboxQuery(state="dead" if dead else None, limit=limit)
            found = inbox.outbox(connection, query, veil=here.veil(connection), limit=limit).items
        if as_json:
            print_json([d.model_dump(mode="json") for d in found])
            return
        for d in found:
            out.print(_line(d), markup=False)


@group.command("retry")
def retry(
    delivery: Annotated[int, typer.Argument(metavar="ID", help="Number of the delivery, from the list.")],
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Send again what failed or was put aside; to a webhook also what it has had."""
    with home() as here:
        with writing(here.engine) as connection:
            again = inbox.send_again(
                connection, delivery, actor=here.actor, now=utc_now(), veil=here.veil(connection)
            )
        if as_json:
            print_json(again.model_dump(mode="json"))
            return
        out.print(f"Delivery {again.id} is queued again.", markup=False)


def _line(d: DeliveryOut) -> str:
    to = d.channel or "the inbox"
    if d.user is not None:
        to = f"{d.user.name} by {to}" if d.channel else f"{d.user.name}'s inbox"
    trouble = f"  {d.last_error}" if d.last_error else ""
    return f"{d.id}  {d.state}  {d.topic}  {d.title}  to {to}{trouble}"
