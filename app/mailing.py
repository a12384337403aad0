"""What is mailed by the calendar: joined here from the features that tell it and the pages that word it."""

from collections.abc import Callable

from sqlalchemy.engine import Engine

from app.clock import Clock, utc_now
from app.db import writing
from app.reporting import service as reporting
from app.security.veils import Veils
from app.web import report_letter


def reports_due(engine: Engine, veils: Veils, *, clock: Clock = utc_now) -> Callable[[], int]:
    """What puts the joint reports that are due into the outbox, in a transaction of its own."""

    def put() -> int:
        with writing(engine) as connection:
            return reporting.sweep(connection, clock(), write=report_letter.write, veiled=veils.of)

    return put
