"""subjects and teachings

What a tool's evidence hangs on becomes a subject: an app, or a merchant with all its expenses. A subject
keeps what the matcher said beside what holds, so that a person's word can be put over it and taken back.

The release before this one cannot write expenses afterwards: stop it before upgrading.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.catalog.merchant_key import merchant_of
from app.db import BigId, Json, JsonOrNull, UtcDateTime, among
from connectors.identifiers import MERCHANT, Identifier

revision = "0002"
down_revision = "0001"

_TIE = ("rule", "confidence", "why")
_PAGE = 20_000


def upgrade() -> None:
    """Apply."""
    _create_tables()
    _add("tools", "risk_reasons", f"{_json()} NOT NULL DEFAULT '[]'")
    _add("tools", "merged_into", _big())
    _add("tools", "listed", f"BOOLEAN NOT NULL DEFAULT {'true' if _on_postgresql() else '1'}")
    _add("apps", "matched_tool_id", _big())
    _add("apps", "matched", _json())
    _add("apps", "risks", f"{_json()} NOT NULL DEFAULT '[]'")
    op.execute("UPDATE apps SET matched_tool_id = tool_id")
    op.create_index("ix_apps_matched", "apps", ["matched_tool_id"])
    op.create_index("ix_tools_merged_into", "tools", ["merged_into"])
    _add("expenses", "merchant_id", _big())
    _fill_merchants()
    op.drop_index("ix_expenses_tool", "expenses")
    with op.batch_alter_table("expenses") as batch:
        batch.drop_constraint("fk_expenses_tool_id", type_="foreignkey")
        for name in ("tool_id", *_TIE):
            batch.drop_column(name)
        batch.alter_column("merchant_id", existing_type=BigId, nullable=False)
        batch.create_foreign_key(
            "fk_expenses_merchant_id", "merchants", ["merchant_id"], ["id"], ondelete="RESTRICT"
        )
    op.create_index("ix_expenses_merchant", "expenses", ["merchant_id", "occurred_on"])


def downgrade() -> None:
    """Take it back; what was taught is lost, and each expense stays with the tool it has now."""
    op.drop_index("ix_expenses_merchant", "expenses")
    for name, kind in (("tool_id", _big()), ("rule", "TEXT"), ("confidence", "FLOAT"), ("why", "TEXT")):
        _add("expenses", name, kind)
        op.execute(
            f"UPDATE expenses SET {name} = (SELECT m.{name} FROM merchants m WHERE m.id = expenses.merchant_id)"
        )
    with op.batch_alter_table("expenses") as batch:
        batch.drop_constraint("fk_expenses_merchant_id", type_="foreignkey")
        batch.drop_column("merchant_id")
        for name, kind in (
            ("tool_id", BigId),
            ("rule", sa.Text()),
            ("confidence", sa.Float()),
            ("why", sa.Text()),
        ):
            batch.alter_column(name, existing_type=kind, nullable=False)
        batch.create_foreign_key("fk_expenses_tool_id", "tools", ["tool_id"], ["id"], ondelete="RESTRICT")
    op.create_index("ix_expenses_tool", "expenses", ["tool_id", "occurred_on"])
    op.drop_table("merchants")
    op.drop_table("teachings")
    op.drop_index("ix_apps_matched", "apps")
    op.drop_index("ix_tools_merged_into", "tools")
    for table, name in (
        ("apps", "risks"),
        ("apps", "matched"),
        ("apps", "matched_tool_id"),
        ("tools", "listed"),
        ("tools", "merged_into"),
        ("tools", "risk_reasons"),
    ):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _create_tables() -> None:
    op.create_table(
        "merchants",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("matched_tool_id", BigId, nullable=False),
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("matched", JsonOrNull, nullable=True),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["matched_tool_id"], ["tools.id"], name="fk_merchants_matched_tool_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["tool_id"], ["tools.id"], name="fk_merchants_tool_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_merchants"),
        sa.UniqueConstraint("key", "matched_tool_id", name="uq_merchants_key_matched_tool_id"),
    )
    op.create_index("ix_merchants_tool", "merchants", ["tool_id"])
    op.create_index("ix_merchants_matched", "merchants", ["matched_tool_id"])
    op.create_table(
        "teachings",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("from_tool_id", BigId, nullable=True),
        sa.Column("to_tool_id", BigId, nullable=True),
        sa.Column("from_name", sa.Text(), nullable=True),
        sa.Column("to_name", sa.Text(), nullable=True),
        sa.Column("identifiers", Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undo_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "verb IN ('confirm', 'correct', 'merge', 'split', 'keep_apart')", name="ck_teachings_verb"
        ),
        sa.ForeignKeyConstraint(
            ["from_tool_id"], ["tools.id"], name="fk_teachings_from_tool_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["to_tool_id"], ["tools.id"], name="fk_teachings_to_tool_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_teachings"),
    )
    op.create_index("ix_teachings_from_tool", "teachings", ["from_tool_id"])
    op.create_index("ix_teachings_to_tool", "teachings", ["to_tool_id"])


def _fill_merchants() -> None:
    """One merchant for each name and tool; of several answers the surest, the same whatever the order."""
    bind = op.get_bind()
    expenses = sa.table(
        "expenses",
        *(sa.column(n, BigId) for n in ("id", "tool_id", "merchant_id")),
        *(sa.column(n) for n in ("merchant", "descriptor", "rule", "confidence", "why")),
        sa.column("first_seen", UtcDateTime()),
    )
    merchants = sa.table(
        "merchants",
        *(sa.column(n) for n in ("id", "key", "name", "matched_tool_id", "tool_id", *_TIE)),
        sa.column("first_seen", UtcDateTime()),
    )
    groups = [expenses.c[n] for n in ("merchant", "descriptor", "tool_id", *_TIE)]
    texts: dict[tuple[str, str | None], tuple[str, str]] = {}
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for row in _rows(
        bind, sa.select(*groups, sa.func.min(expenses.c.first_seen).label("first_seen")).group_by(*groups)
    ):
        text = (row["merchant"], row["descriptor"])
        if text not in texts:
            each = tuple(Identifier(MERCHANT, t) for t in dict.fromkeys((text[1], text[0])) if t)
            texts[text] = merchant_of(each)
        key, name = texts[text]
        made = found.setdefault((key, row["tool_id"]), {**row, "key": key, "name": name})
        made["first_seen"] = min(made["first_seen"], row["first_seen"])
        made["name"] = min(made["name"], name, key=lambda n: (len(n), n))
        if (-row["confidence"], row["why"]) < (-made["confidence"], made["why"]):
            made |= {n: row[n] for n in _TIE}
    for (key, tool_id), made in sorted(found.items()):
        values = {n: made[n] for n in (*_TIE, "name", "first_seen")}
        bind.execute(sa.insert(merchants).values(key=key, matched_tool_id=tool_id, tool_id=tool_id, **values))
    ids = {(r["key"], r["matched_tool_id"]): r["id"] for r in _rows(bind, sa.select(merchants))}
    # By id, a page at a time: most lines print a reference of their own, and looking for the expenses of
    # each of them would read the tool's expenses as often as it has any.
    last = 0
    while True:
        columns = [expenses.c[n] for n in ("id", "merchant", "descriptor", "tool_id")]
        page = sa.select(*columns).where(expenses.c.id > last).order_by(expenses.c.id).limit(_PAGE)
        by_merchant: dict[int, list[int]] = defaultdict(list)
        for row in _rows(bind, page):
            key, _ = texts[row["merchant"], row["descriptor"]]
            by_merchant[ids[key, row["tool_id"]]].append(row["id"])
            last = row["id"]
        if not by_merchant:
            return
        for merchant_id, some in sorted(by_merchant.items()):
            wanted = among(bind, expenses.c.id, some)
            bind.execute(sa.update(expenses).where(wanted).values(merchant_id=merchant_id))


def _rows(bind: sa.Connection, query: sa.Select[Any]) -> Iterator[dict[str, Any]]:
    return (dict(row) for row in bind.execute(query).mappings())


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _add(table: str, column: str, kind: str) -> None:
    # Not a batch: on SQLite that writes the table anew, and dropping the old one would take along what
    # refers to it.
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")


def _json() -> str:
    return "JSONB" if _on_postgresql() else "JSON"


def _big() -> str:
    return "BIGINT" if _on_postgresql() else "INTEGER"
