"""`penumbra scan` and `penumbra import`: read sources now, with a bar on a terminal."""

import asyncio
import shutil
import time
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from app.clock import utc_now
from app.commands.base import Home, err, fail, home, out, print_json
from app.commands.source import add_source
from app.db import reading, writing
from app.models import scan_skips, scans, sources
from app.scans.runner import Progress as ScanProgress
from app.scans.service import ScanActive, request_scan

_EXIT = {"complete": 0, "partial": 3, "failed": 1}


def scan(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of sources; none means every enabled one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Read sources now and say what was found.

    Several sources are read at once. A scan that was broken off goes on where it stopped. Exit status:
    0 complete, 3 partly read, 1 failed, 2 not started.
    """
    with home() as here:
        results = run_scans(here, names or [], quiet=as_json)
        if as_json:
            print_json(results[0] if names and len(names) == 1 else results)
        else:
            for result in results:
                print_result(result)
        worst = max((_EXIT.get(str(r["outcome"]), 1) for r in results), default=0)
    raise typer.Exit(worst)


def run_scans(here: Home, names: list[str], *, quiet: bool) -> list[dict[str, Any]]:
    """Scan sources (all enabled ones when `names` is empty) and give one result object each."""
    with reading(here.engine) as connection:
        rows = connection.execute(sa.select(sources.c.name, sources.c.id)).all()
        known: dict[str, int] = {name: id_ for name, id_ in rows}  # noqa: C416 - rows are not pairs to a type checker
        enabled = set(connection.scalars(sa.select(sources.c.name).where(sources.c.enabled)))
    unknown = [n for n in names if n not in known]
    if unknown:
        there = ", ".join(sorted(known)) or "none yet; add one with: penumbra source add"
        fail(f"there is no source named {unknown[0]!r}; there are: {there}")
    chosen = names or sorted(enabled)
    if not chosen:
        fail("there is no source yet; add one with: penumbra source add --help")
    with _bars(quiet) as bars:
        tasks: dict[int, TaskID] = {known[n]: bars.add_task(n, total=None, note="waiting") for n in chosen}

        began = time.monotonic()

        def show(progress: ScanProgress) -> None:
            rate = progress.observations / max(0.1, time.monotonic() - began)
            bars.update(
                tasks[progress.source_id],
                completed=progress.observations,
                total=progress.expected,
                note=f"{progress.stream}: {progress.observations:,} observations, {rate:,.0f} a second",
            )

        runner = here.runner(show)
        ids = {n: _request(here, known[n]) for n in chosen}

        async def all_of_them() -> None:
            room = asyncio.Semaphore(here.settings.scans_at_once)

            async def one(name: str) -> None:
                async with room:
                    taken = await asyncio.to_thread(runner.claim, ids[name])
                    while taken is None:
                        if await asyncio.to_thread(_ended, here, ids[name]):
                            return
                        bars.update(tasks[known[name]], note="another process is reading it; waiting")
                        await asyncio.sleep(0.5)
                        taken = await asyncio.to_thread(runner.claim, ids[name])
                    await runner.run(taken)
                    bars.update(tasks[known[name]], note="done", total=1, completed=1)

            await asyncio.gather(*(one(n) for n in chosen))

        asyncio.run(all_of_them())
    return [result_of(here, ids[n]) for n in chosen]


def _bars(quiet: bool) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=quiet or not err.is_terminal,
    )


def _request(here: Home, source_id: int) -> int:
    with writing(here.engine) as connection:
        try:
            return request_scan(connection, source_id, "hand", utc_now())
        except ScanActive as active:
            return active.scan_id


def _ended(here: Home, scan_id: int) -> bool:
    with reading(here.engine) as connection:
        state = connection.scalar(sa.select(scans.c.state).where(scans.c.id == scan_id))
    return state not in {"queued", "running"}


def result_of(here: Home, scan_id: int) -> dict[str, Any]:
    """The outcome of a scan as `penumbra scan --json` prints it."""
    with reading(here.engine) as connection:
        row = connection.execute(
            sa.select(scans, sources.c.name)
            .join(sources, sources.c.id == scans.c.source_id)
            .where(scans.c.id == scan_id)
        ).one()
        skips = connection.execute(
            sa.select(scan_skips.c.ref, scan_skips.c.reason)
            .where(scan_skips.c.scan_id == scan_id)
            .order_by(scan_skips.c.id)
            .limit(20)
        ).all()
        veil = here.veil(connection)
    seconds = (row.ended_at - row.started_at).total_seconds() if row.ended_at and row.started_at else 0.0
    return {
        "source": row.name,
        "outcome": row.state,
        "pages": row.pages,
        "observations": {
            "new": row.new,
            "known": row.known,
            "skipped": row.skipped,
            "ignored": row.ignored,
        },
        "tools": {"new": row.tools_new, "matched": row.tools_matched},
        "gone": row.gone,
        "seconds": round(seconds, 3),
        "error": veil.text(row.error),
        "permission": row.error_permission,
        "notes": veil.plain(row.notes),
        "skipped": [{"ref": veil.text(ref), "reason": veil.text(reason)} for ref, reason in skips],
    }


def print_result(result: dict[str, Any]) -> None:
    """Say in a few lines how a scan ended."""
    seen, tools = result["observations"], result["tools"]
    out.print(
        f"{result['source']}: {result['outcome']} in {result['seconds']:.1f} s, {result['pages']} pages, "
        f"{seen['new']:,} new and {seen['known']:,} known observations, "
        f"{tools['new']} new tools, {tools['matched']} known ones",
        markup=False,
    )
    if seen["skipped"]:
        records = "1 record" if seen["skipped"] == 1 else f"{seen['skipped']} records"
        out.print(f"  {records} could not be read:", markup=False)
        for skip in result["skipped"]:
            out.print(f"    {skip['ref']}: {skip['reason']}", markup=False)
    if result["error"]:
        out.print(f"  {result['error']}", markup=False)


def import_file(
    file: Annotated[Path, typer.Argument(help="A card statement or expense export: CSV, XLSX, OFX, CAMT.")],
    account: Annotated[
        str, typer.Option(help="The card or bank account it is of; rows of one account are told apart by it.")
    ] = "statements",
    currency: Annotated[str, typer.Option(help="Currency of rows that do not name one.")] = "USD",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Further settings of the files connector, such as day_first=true."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Import a statement file. Importing it again, or one that overlaps, adds nothing twice.

    A copy is kept in the data folder, and belongs to a source named after the account, which can be
    scanned again like any other. Rows that cannot be read are listed with their line; all others are in.
    """
    with home() as here:
        if not file.is_file():
            fail(f"{file} is not a file")
        folder = here.settings.data_dir.absolute() / "imports" / _plain(account)
        folder.mkdir(parents=True, exist_ok=True)
        _keep(file, folder)
        name = f"files-{_plain(account)}"
        with reading(here.engine) as connection:
            known = connection.scalar(sa.select(sources.c.id).where(sources.c.name == name))
        if known is None:
            values = [f"path={folder}", f"account={account}", f"currency={currency}", *(settings or [])]
            add_source(here, "files", name, values, [], minutes=1440, enabled=False, force=True)
        result = run_scans(here, [name], quiet=as_json)[0]
        print_json(result) if as_json else print_result(result)
    raise typer.Exit(_EXIT.get(result["outcome"], 1))


def _plain(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in text).strip(".-") or "account"


def _keep(file: Path, folder: Path) -> Path:
    """Copy a file into a folder; the same content is kept once, another file of the same name beside it."""
    digest = blake2b(file.read_bytes(), digest_size=8).hexdigest()
    for present in folder.iterdir():
        if blake2b(present.read_bytes(), digest_size=8).hexdigest() == digest:
            return present
    target = folder / file.name
    if target.exists():
        target = folder / f"{file.stem}-{digest}{file.suffix}"
    shutil.copyfile(file, target)
    return target
