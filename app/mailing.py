"""What is mailed by the calendar: joined here from the features that tell it and the pages that word it."""

from collections.abc import Callable

import structlog
from sqlalchemy.engine import Engine

from app.clock import Clock, utc_now
from app.db import reading, writing
from app.reporting import service as reporting
from app.security.veils import Veils
from app.web import report_letter

log = structlog.get_logger(__name__)


def reports_due(engine: Engine, veils: Veils, *, clock: Clock = utc_now) -> Callable[[], int]:
    """What puts the joint reports that are due into the outbox, and gives how many.

    Each is put in a transaction of its own: nobody waits for all of them, and one that fails, which is
    logged and tried again the next time, keeps no other one back.
    """

    def put() -> int:
        now = clock()
        with reading(engine) as connection:
            found = reporting.find_due(connection, now)
        told: reporting.Told = {}
        number = 0
        for one in found:
            try:
                with writing(engine) as connection:
                    veil = veils.of(connection, one.caller)
                    number += reporting.put_due(
                        connection, one, told, write=report_letter.write, veil=veil, now=now
                    )
            except Exception:
                log.exception("a report could not be put into the outbox", user=one.user_id)
        return number

    return put
