"""What the database layer keeps to itself."""

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from app.db import reading, upsert, writing
from app.models import tool_sources


def test_an_error_of_the_database_does_not_tell_the_values_it_met(engine: Engine):
    with pytest.raises(DBAPIError) as met, reading(engine) as connection:
        connection.execute(
            sa.text("SELECT * FROM nothing WHERE email = :email"), {"email": "ada@acme.example"}
        )
    assert "ada@" not in str(met.value)
    row = {"tool_id": 987_654_321, "source_id": 123_456_789}
    with pytest.raises(DBAPIError) as met, writing(engine) as connection:
        upsert(connection, tool_sources, [row], key=("tool_id", "source_id"))
    assert "[SQL parameters hidden" in str(met.value)
