"""The joint report by e-mail over HTTP."""

from fastapi import APIRouter

from app.api import PREFIX
from app.api.dependencies import Reader, State
from app.api.problems import documented
from app.db import reading, writing
from app.reporting import service
from app.reporting.schemas import ReportMailIn, ReportMailOut, ReportNowIn, ReportSentOut

router = APIRouter(prefix=PREFIX, tags=["report"])


@router.get("/me/report")
def get_report_mail(caller: Reader, state: State) -> ReportMailOut:
    """Whether and when you get the joint report by e-mail."""
    with reading(state.engine) as connection:
        return service.subscription(connection, caller, state.clock())


@router.put("/me/report", responses=documented(409))
def subscribe_to_report(caller: Reader, state: State, body: ReportMailIn) -> ReportMailOut:
    """Get the joint report of each month by e-mail from now on."""
    with writing(state.engine) as connection:
        return service.subscribe(connection, caller, body, state.clock())


@router.delete("/me/report", status_code=204)
def unsubscribe_from_report(caller: Reader, state: State) -> None:
    """Get it no more."""
    with writing(state.engine) as connection:
        service.stop(connection, caller, state.clock())


@router.post("/me/report/send", status_code=202, responses=documented(409))
def send_report(caller: Reader, state: State, body: ReportNowIn) -> ReportSentOut:
    """Mail yourself the joint report of some days now."""
    with writing(state.engine) as connection:
        return service.send_now(
            connection,
            caller,
            body.first,
            body.last,
            locale=body.locale,
            write=state.write_report,
            veil=state.veils.of(connection, caller),
            now=state.clock(),
        )
