"""`penumbra source …`: connect vendors, check them, take them away."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from app.clock import utc_now
from app.commands.base import Home, fail, home, out, print_json
from app.db import reading, writing
from app.sources import installed, service
from app.sources.schemas import SourceIn
from connectors.base import CheckReport, Context

group = typer.Typer(no_args_is_help=True, help="Connect vendors, check them, take them away.")


@group.command("add")
def add(
    connector: Annotated[str, typer.Argument(help="Which connector; `penumbra source kinds` lists them.")],
    name: Annotated[str, typer.Option(help="A name of your own for this source.")],
    settings: Annotated[list[str] | None, typer.Option("--set", help="A setting: name=value.")] = None,
    secrets: Annotated[
        list[str] | None,
        typer.Option("--secret", help="A secret: name=@file, or name=- to read standard input."),
    ] = None,
    every: Annotated[int, typer.Option(min=5, max=44640, help="Minutes between scans.")] = 60,
    disabled: Annotated[bool, typer.Option("--disabled", help="Only scan when asked to.")] = False,
    force: Annotated[bool, typer.Option(help="Save it although permissions are missing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the source as JSON.")] = False,
) -> None:
    """Connect a source: its settings are tried at the vendor before they are saved.

    penumbra source add okta --name corp --set base_url=https://acme.okta.com --secret api_token=@token.txt
    """
    with home() as here:
        source, report = add_source(
            here,
            connector,
            name,
            settings or [],
            secrets or [],
            minutes=every,
            enabled=not disabled,
            force=force,
        )
        if as_json:
            print_json(source)
            return
        out.print(f"Connected {name}: {report.account_name or report.account}", markup=False)
        _print_permissions(report)
        out.print(f"Read it now: penumbra scan {name}", markup=False)


def add_source(
    here: Home,
    connector: str,
    name: str,
    settings: list[str],
    secrets: list[str],
    *,
    minutes: int,
    enabled: bool,
    force: bool,
) -> tuple[dict[str, Any], CheckReport]:
    """Check settings at the vendor and save the source; gives it as shown, and the report."""
    config = {**dict(_setting(s) for s in settings), **dict(_secret(s) for s in secrets)}
    wanted = SourceIn(
        name=name, connector=connector, config=config, schedule_minutes=minutes, enabled=enabled
    )
    prepared = service.prepare_new(connector, config)
    report = asyncio.run(service.check(connector, prepared, Context(longest_wait=20)))
    service.require_ok(report, force=force)
    with writing(here.engine) as connection:
        row = service.create(
            connection, wanted, prepared, report, secrets=here.secrets, actor=here.actor, now=utc_now()
        )
        return service.shown(row, here.secrets).model_dump(mode="json"), report


@group.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False) -> None:
    """Show every source and how it stands."""
    with home() as here:
        with reading(here.engine) as connection:
            listed = service.list_sources(connection, here.secrets)
        if as_json:
            print_json([s.model_dump(mode="json") for s in listed])
            return
        table = Table("Name", "Connector", "Account", "Health", "What to know", box=None)
        for s in listed:
            table.add_row(s.name, s.connector, s.account_name or s.account, s.health, s.health_text)
        out.print(table if listed else "No source yet. Connect one: penumbra source add --help")


@group.command("kinds")
def kinds(as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False) -> None:
    """List the connectors there are, with the permissions each asks for and why."""
    with home():
        listed = installed.list_connectors()
        if as_json:
            print_json(listed.model_dump(mode="json"))
            return
        for c in listed.items:
            out.print(f"[bold]{c.name}[/]  {c.title}: {c.summary}")
            for p in c.permissions:
                out.print(f"    {p.name}: {p.reason}{' (optional)' if p.optional else ''}", markup=False)


@group.command("check")
def check(
    name: Annotated[str, typer.Argument(help="Which source.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Try a source's credential and each of its permissions. Exit status 1 when something is missing."""
    with home() as here:
        with reading(here.engine) as connection:
            row = service.find_source(connection, name)
        prepared = service.changed_config(row, {}, here.secrets)
        report = asyncio.run(service.check(row.connector, prepared, Context(longest_wait=20)))
        if as_json:
            print_json(report.model_dump(mode="json"))
        else:
            out.print(f"{name}: {report.account_name or report.account}", markup=False)
            _print_permissions(report)
    raise typer.Exit(0 if report.ok else 1)


@group.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="Which source.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take a source away, with everything only it has seen."""
    with home() as here:
        with reading(here.engine) as connection:
            row = service.find_source(connection, name)
        if not yes:
            typer.confirm(f"Remove {name} and all that only it has seen?", abort=True)
        with writing(here.engine) as connection:
            service.delete(connection, row.id, row.version, kb=here.kb, actor=here.actor, now=utc_now())
        out.print(f"Removed {name}.", markup=False)


def _print_permissions(report: CheckReport) -> None:
    for p in report.permissions:
        mark = "yes" if p.granted else ("no (optional)" if p.optional else "MISSING")
        out.print(f"  {mark:14} {p.name}: {p.detail or p.reason}", markup=False)
    for warning in report.warnings:
        out.print(f"  note: {warning}", markup=False)


def _setting(text: str) -> tuple[str, Any]:
    name, found, value = text.partition("=")
    if not found or not name:
        fail(f"--set {text}: write it as name=value")
    if value[:1] in {"[", "{"}:
        try:
            return name, orjson.loads(value)
        except orjson.JSONDecodeError:
            fail(f"--set {name}: the value begins like JSON but is not")
    return name, value


def _secret(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name or not (value == "-" or value.startswith("@")):
        fail(
            f"--secret {name}: write it as {name or 'name'}=@file or {name or 'name'}=- (standard input)",
            ["A secret on the command line would be seen by everybody on this machine."],
        )
    if value == "-":
        return name, sys.stdin.read().strip()
    try:
        return name, Path(value[1:]).expanduser().read_text().strip()
    except OSError as error:
        fail(f"--secret {name}: {value[1:]} cannot be read ({error.strerror})")
