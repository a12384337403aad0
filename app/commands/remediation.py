"""`penumbra remediation`: what is done after a decision to stop using a tool."""

import asyncio
from typing import Annotated

import typer

from app.catalog.assess import assess
from app.clock import utc_now
from app.commands.base import all_items, home, out, print_json
from app.db import reading
from app.remediation import plans
from app.remediation.carrying_out import carry_out
from app.remediation.schemas import PlanOut, PlanQuery, PlanState, StepState

group = typer.Typer(
    no_args_is_help=True,
    help="After a decision: what is ended, by whom. Plans are made and confirmed in the API.",
)
_JSON = typer.Option("--json", help="Print it as JSON.")


@group.command("list")
def remediation_list(
    state: Annotated[PlanState | None, typer.Option(help="Only plans in this state.")] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """List plans, the newest first: number, tool, state, and how many steps are left."""
    with home() as here:
        with reading(here.engine) as connection:
            found = list(
                all_items(
                    lambda cursor: plans.list_plans(
                        connection, PlanQuery(state=state, cursor=cursor, limit=200)
                    )
                )
            )
        if as_json:
            print_json([plan.model_dump(mode="json") for plan in found])
            return
        for plan in found:
            out.print(f"{plan.id}  {plan.tool}  {plan.state}  {plan.left} left", markup=False)


@group.command("run")
def remediation_run(
    plan: Annotated[int, typer.Argument(help="Which plan, by number; both sides must have confirmed it.")],
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """End the access that a plan lists, grant by grant. Interrupted, it goes on where it was.

    Exit status 1 when a step failed; the plan says why, and running it again tries it again.
    """
    with home() as here:

        async def go() -> PlanOut:
            before = -1
            while True:
                shown = await carry_out(
                    here.engine,
                    plan,
                    here.load_connector,
                    actor=here.actor,
                    clock=utc_now,
                    reassess=lambda connection, ids, now: assess(connection, here.kb, ids, now),
                    revoking=here.settings.may_revoke,
                    veiled=here.veil,
                )
                done = sum(step.state is StepState.DONE for step in shown.steps)
                if not as_json:
                    out.print(f"{done} of {len(shown.steps)} steps done")
                if done == before or _all_tried(shown):
                    return shown
                before = done

        shown = asyncio.run(go())
        if as_json:
            print_json(shown.model_dump(mode="json"))
        failed = [step for step in shown.steps if step.state is StepState.FAILED]
        if not as_json:
            for step in failed:
                out.print(f"{step.number}  {step.what}  {step.result}", markup=False)
        raise typer.Exit(1 if failed else 0)


def _all_tried(plan: PlanOut) -> bool:
    """Whether no step of Penumbra's own is left that was not tried."""
    return not any(s.kind == "revoke" and s.state is StepState.PLANNED for s in plan.steps)
