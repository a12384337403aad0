"""Whether what is kept beside the logs is what the logs say."""

from sqlalchemy.engine import Connection

from app.reviews import repository
from app.reviews.events import BrokenLog
from app.reviews.fold import condition_rows, fold, row_of


def replay(connection: Connection) -> tuple[int, list[str]]:
    """Fold every log anew and compare.

    Returns:
        How many reviews there are, and a sentence for each that differs.
    """
    faults: list[str] = []
    count = 0
    for row in repository.rows_in_order(connection):
        count += 1
        try:
            state = fold(repository.events_of(connection, row.id))
        except BrokenLog as error:
            faults.append(f"Review {row.id}: {error}")
            continue
        said = {**row_of(state), "opened_at": state.opened_at}
        wrong = [name for name, value in said.items() if getattr(row, name) != value]
        if repository.condition_rows(connection, row.id) != condition_rows(state):
            wrong.append("conditions")
        if wrong:
            faults.append(f"Review {row.id}: its log says otherwise about {', '.join(wrong)}.")
    return count, faults
