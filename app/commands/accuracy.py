"""`penumbra accuracy`: how right the matcher is on a labelled file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table as Shown

from app.commands.base import fail, out, print_json
from app.identify import default_knowledge_base
from app.identify.accuracy import Outcome, Table, measure, shortfalls, tabulate, to_json
from app.identify.accuracy_page import FIGURE_TITLES, rows_of, with_figures
from app.identify.labelled import HALVES, LabelledFileError, LabelledRow, read_labelled


class Half(StrEnum):
    """Which rows of a labelled file are counted."""

    tune = "tune"
    report = "report"
    all = "all"


def accuracy(
    file: Annotated[Path, typer.Argument(help="CSV of labelled rows; docs/accuracy.md lists the columns.")],
    half: Annotated[
        Half, typer.Option("--half", help="Count only the rows of this half of the file.")
    ] = Half.all,
    faults: Annotated[
        bool,
        typer.Option(
            "--faults", help="List the rows answered wrongly, missed, or taken for the wrong team's."
        ),
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="List at most so many faults.")] = 100,
    write: Annotated[
        Path | None, typer.Option("--write", help="Write the figures of both halves to this JSON file.")
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option("--page", help="Put the tables of both halves between the marks of this page."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure the matcher on labelled rows: each figure with its 95 % interval and its number of rows.

    Figures are given in all, by kind of identifier, by how well known the product is, and for the rows in
    which nothing may be recognised.
    """
    try:
        rows = read_labelled(file)
    except LabelledFileError as error:
        fail(str(error))
    chosen = _of_half(file, rows, half)
    kept = {name: _of_half(file, rows, Half(name)) for name in HALVES} if write or page else {}
    outcomes = {outcome.row.line: outcome for outcome in measure(default_knowledge_base(), rows)}

    def counted(these: list[LabelledRow]) -> list[Outcome]:
        return [outcomes[row.line] for row in these]

    halves = {name: tabulate(counted(these)) for name, these in kept.items()}
    if page:
        _write_page(page, halves)
    if write:
        _write_figures(write, halves)
    table = tabulate(counted(chosen))
    wrong = [o for o in counted(chosen) if o.fault or o.audience_fault]
    if as_json:
        answer: dict[str, Any] = {"file": str(file), "half": half.value, "rows": len(chosen)}
        answer["figures"] = to_json(table)
        if faults:
            answer["faults"] = [_fault(o) for o in wrong[:limit]]
            answer["faults_in_all"] = len(wrong)
        print_json(answer)
        return
    _print_table(table, f"{file}, {half.value}: {len(chosen):,} rows")
    if half is Half.report:
        for sentence in shortfalls(table):
            out.print(f"Missed: {sentence}", markup=False)
    if faults:
        for outcome in wrong[:limit]:
            out.print(_fault_line(outcome), markup=False)
        if len(wrong) > limit:
            out.print(
                f"… and {len(wrong) - limit:,} more; list them with: --limit {len(wrong)}", markup=False
            )


def _of_half(file: Path, rows: list[LabelledRow], half: Half) -> list[LabelledRow]:
    chosen = rows if half is Half.all else [row for row in rows if row.half == half.value]
    if not chosen:
        fail(f"{file} has no rows of the half {half.value!r}; its column half says which row is in which")
    return chosen


def _write_figures(path: Path, halves: dict[str, Table]) -> None:
    text = orjson.dumps({n: to_json(t) for n, t in halves.items()}, option=orjson.OPT_INDENT_2)
    try:
        path.write_bytes(text + b"\n")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")


def _write_page(path: Path, halves: dict[str, Table]) -> None:
    try:
        path.write_text(with_figures(path.read_text(encoding="utf-8"), halves), encoding="utf-8")
    except OSError as error:
        fail(f"{path} cannot be used: {error.strerror}")
    except ValueError as error:
        fail(f"{path}: {error}")


def _print_table(table: Table, title: str) -> None:
    shown = Shown(box=None, pad_edge=False, title=title, title_justify="left")
    for head in ("", *FIGURE_TITLES.values()):
        shown.add_column(head, overflow="fold")
    for row in rows_of(table):
        shown.add_row(*row)
    out.print(shown)


def _fault(outcome: Outcome) -> dict[str, Any]:
    row, match = outcome.row, outcome.match
    return {
        "line": row.line,
        "kind": row.kind,
        "value": row.value,
        "publisher": row.publisher,
        "tier": row.tier,
        "fault": outcome.fault or "audience",
        "expected": row.expected_name or row.expected_domain,
        "answered": match.product.name if match else "",
        "rule": match.rule if match else "",
        "audience": outcome.audience_fault,
    }


def _fault_line(outcome: Outcome) -> str:
    fault = _fault(outcome)
    by = f" by {fault['publisher']!r}" if fault["publisher"] else ""
    answered = f"{fault['answered']} ({fault['rule']})" if fault["answered"] else "nothing"
    audience = f"; {fault['audience']}" if fault["audience"] else ""
    return (
        f"line {fault['line']}: {fault['fault']}: {fault['kind']} {fault['value']!r}{by}: "
        f"expected {fault['expected'] or 'nothing'}, answered {answered}{audience}"
    )
