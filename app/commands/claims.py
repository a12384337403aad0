"""`penumbra claims`: what time brings about in claims."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.engine import Connection

from app.catalog.assess import assess
from app.claims.sweep import sweep
from app.clock import utc_now
from app.commands.base import home, out, print_json
from app.db import writing

group = typer.Typer(no_args_is_help=True, help="Claims: who in the business answers for a tool.")
_CAUSES = {
    "owner_gone": "is no longer here",
    "not_attested": "did not attest in time",
}


@group.command("sweep")
def claims_sweep(as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False) -> None:
    """End ownerships whose owner left, or did not attest in time. A second time finds nothing.

    A running `penumbra serve` does it every night.
    """
    with home() as here:

        def reassess(connection: Connection, ids: Sequence[int], now: datetime) -> int:
            return assess(connection, here.kb, ids, now)

        with writing(here.engine) as connection:
            found = sweep(connection, actor=here.actor, now=utc_now(), reassess=reassess)
        if as_json:
            print_json(found.model_dump(mode="json"))
            return
        for lapse in found.lapsed:
            out.print(
                f"{lapse.tool.name} ({lapse.tool.id}): {lapse.owner.name} {_CAUSES[lapse.cause]}.",
                markup=False,
                soft_wrap=True,
            )
        out.print(f"Lapsed: {len(found.lapsed)}. Other parts ended: {found.parts_ended}.", markup=False)
