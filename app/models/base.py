"""What every table shares: one registry with named constraints, so that migrations can name them."""

import sqlalchemy as sa

from app.db import BigId, Json, JsonOrNull, UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

__all__ = ["BigId", "Json", "JsonOrNull", "UtcDateTime", "bigid", "fk", "metadata", "one_of", "when"]


def bigid() -> sa.Column[int]:
    """A primary key that the database counts up."""
    return sa.Column("id", BigId, primary_key=True, autoincrement=True)


def fk(name: str, target: str, *, null: bool = False, cascade: bool = True) -> sa.Column[int]:
    """A reference to another table's id; rows go with what they belong to unless `cascade=False`."""
    rule = "CASCADE" if cascade else "RESTRICT"
    return sa.Column(name, BigId, sa.ForeignKey(f"{target}.id", ondelete=rule), nullable=null)


def when(name: str, *, null: bool = False) -> sa.Column[object]:
    """A moment in UTC."""
    return sa.Column(name, UtcDateTime, nullable=null)


def one_of(name: str, *values: str) -> sa.CheckConstraint:
    """Only these words in a text column."""
    listed = ", ".join(f"'{v}'" for v in values)
    return sa.CheckConstraint(f"{name} IN ({listed})", name=name)
