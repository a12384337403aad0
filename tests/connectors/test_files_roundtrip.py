"""What is written in a style is read back, and slices of a statement add up to the whole."""

import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.files.samples import STYLES, StatementRow, sample_rows, write_statement
from connectors.observations import ExpenseSeen, ExpenseState
from tests.connectors.files_support import read

MERCHANTS = st.tuples(
    st.sampled_from(["CANVA* ", "SHOP ", "=SUM", "@HANDLE ", "-DASH ", "+PLUS ", "Größe "]),
    st.text(alphabet="ABC xyz 019 *&.'\"#,;/-<>é", max_size=40),
).map(lambda parts: "".join(parts).strip())
ROWS = st.builds(
    StatementRow,
    date=st.dates(date(2025, 1, 1), date(2026, 11, 19)),
    amount_minor=st.integers(-5_000_000, 9_000_000).filter(lambda minor: minor != 0),
    descriptor=MERCHANTS,
    pending=st.booleans(),
    mcc=st.none()
    | st.integers(742, 9999).map(lambda n: f"{n:04}").filter(lambda m: m not in {"6010", "6011"}),
    person=st.none() | st.sampled_from(["Ana Silva", "ben@acme.com"]),
)
# These settings leave nothing to be guessed from a handful of rows; guessing has tests of its own.
KNOWN = {
    "amex_short": {"outflow": "positive"}, "barclays_us": {"outflow": "negative"},
    "ofx": {"outflow": "negative"},
    "bank_eu": {"outflow": "positive"}, "expense_export": {"outflow": "positive"},
    "xlsx": {"outflow": "positive"},
    "qfx_xml": {"outflow": "negative"},
}  # fmt: skip
DAY_FIRST = {"bank_eu", "council"}
QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def read_rows(rows: list[StatementRow], style: str) -> list[ExpenseSeen]:
    with tempfile.TemporaryDirectory() as folder:
        path = write_statement(Path(folder) / "statement", rows, style)
        found = read(path, day_first=style in DAY_FIRST, currency=rows[0].currency, **KNOWN.get(style, {}))
        assert not found.skipped
        assert not found.ignored
        return found.expenses


def spaced(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("style", STYLES)
@given(rows=st.lists(ROWS, min_size=1, max_size=8), currency=st.sampled_from(["USD", "EUR", "JPY", "KWD"]))
@QUICK
def test_rows_come_back_from_every_style(style: str, rows: list[StatementRow], currency: str):
    keeps = STYLES[style].keeps
    rows = [StatementRow(**{**row.__dict__, "currency": currency}) for row in rows]
    found = read_rows(rows, style)
    assert len(found) == len(rows)
    for row, expense in zip(rows, found, strict=True):
        assert (expense.occurred_on, expense.amount_minor, expense.currency) == (
            row.date, row.amount_minor, currency,
        )  # fmt: skip
        assert spaced(expense.descriptor or expense.merchant) == spaced(row.descriptor)
        pending = row.pending and "pending" in keeps
        refund = ExpenseState.REFUND if row.amount_minor < 0 else ExpenseState.POSTED
        assert expense.state is (ExpenseState.PENDING if pending else refund)
        assert expense.mcc == (row.mcc if "mcc" in keeps else None)
        assert (expense.person_ref is not None) == (row.person is not None and "person" in keeps)


@pytest.mark.parametrize("style", STYLES)
@given(data=st.data())
@QUICK
def test_overlapping_slices_of_a_statement_are_the_whole(style: str, data: st.DataObject):
    # Few days, amounts and texts, so that equal rows are common.
    few = st.builds(
        StatementRow,
        date=st.dates(date(2026, 10, 25), date(2026, 10, 29)),
        amount_minor=st.sampled_from([999, 1999, -999]),
        descriptor=st.sampled_from(["CANVA", "ZAPIER.COM/CHARGE"]),
    )
    rows = sorted(data.draw(st.lists(few, min_size=1, max_size=20)), key=lambda r: r.date)
    whole = {e.ref: e for e in read_rows(rows, style)}
    assert len(whole) == len(rows)
    days = sorted({r.date for r in rows})
    first_end = data.draw(st.sampled_from(days))
    second_start = data.draw(st.sampled_from([d for d in days if d <= first_end]))
    slices = [[r for r in rows if r.date <= first_end], [r for r in rows if r.date >= second_start]]
    together: dict[str, ExpenseSeen] = {}
    for part in slices:
        together |= {e.ref: e for e in read_rows(part, style)}
    assert together == whole


def test_samples_are_the_same_for_the_same_seed(tmp_path: Path):
    assert sample_rows(1) == sample_rows(1) != sample_rows(2)
    with pytest.raises(KeyError, match="there is no style"):
        write_statement(tmp_path / "a", [StatementRow(date(2026, 1, 1), 1, "A")], "nobody")
