"""`penumbra policy`: the policy that holds, trying another one, and switching it on."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.catalog.money import amount, counted
from app.clock import utc_now
from app.commands.base import all_items, fail, home, out, print_json
from app.db import reading, writing
from app.policy import granting, pass_view, service
from app.policy.document import LANES, Policy
from app.policy.reading import parse, read, shipped_text, written
from app.policy.schemas import DAYS, DifferenceOut, GivenPass, PassQuery, SimulationOut, VerdictOut
from app.policy.simulation import simulate
from app.spend.service import renewal_days

group = typer.Typer(
    no_args_is_help=True,
    help="The policy: which lane a review takes, who signs, how long each side has.",
)
_FILE = typer.Argument(help="The policy, in YAML or JSON; - for standard input.")
_JSON = typer.Option("--json", help="Print it as JSON.")
_DAY_SECONDS = 8 * 3600


@group.command("show")
def policy_show(
    version: Annotated[
        int | None, typer.Option(min=0, max=2**31 - 1, help="Which version; 0 is the shipped one.")
    ] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Print the policy that holds, as YAML that `policy test` and `policy set` read."""
    with home() as here:
        with reading(here.engine) as connection:
            number = service.current(connection).version if version is None else version
            found = service.get_policy(connection, number)
        if as_json:
            print_json(found.model_dump(mode="json"))
            return
        state = "active" if found.active else "not active"
        note = " ".join(found.note.split())
        sys.stdout.write(f"# Version {found.version}, {state}: {note}\n")
        text = shipped_text() if found.version == service.SHIPPED else written(read(found.document))
        sys.stdout.write(text)


@group.command("test")
def policy_test(
    file: Annotated[str, _FILE],
    days: Annotated[int, typer.Option(min=1, max=366, help="So far back.")] = DAYS,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Say what a policy would have done to the last 90 days, beside the active one. Changes nothing."""
    with home() as here:
        changed = _read(file)
        with reading(here.engine) as connection:
            result = simulate(connection, changed, utc_now(), days, renewals_of=renewal_days)
        if as_json:
            print_json(result.model_dump(mode="json", by_alias=True))
            return
        for line in _report(result):
            out.print(line, markup=False, soft_wrap=True)


@group.command("set")
def policy_set(
    file: Annotated[str, _FILE],
    note: Annotated[str, typer.Option(help="Why, for those who read it later.")],
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Keep a policy as a new version and switch it on."""
    with home() as here:
        wanted = _read(file)
        now = utc_now()
        with writing(here.engine) as connection:
            made = service.create(connection, wanted, note, actor=here.actor, user_id=None, now=now)
            made = service.activate(connection, made.version, actor=here.actor, now=now)
        if as_json:
            print_json(made.model_dump(mode="json"))
            return
        out.print(f"Version {made.version} of the policy holds from now on.", markup=False)


@group.command("passes")
def policy_passes(
    every: Annotated[bool, typer.Option("--all", help="Also those that ended.")] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """List the tools that the policy lets be used for now without a review, the newest first."""
    with home() as here:
        with reading(here.engine) as connection:
            found = list(
                all_items(
                    lambda cursor: pass_view.list_passes(
                        connection, PassQuery(standing=None if every else True, cursor=cursor, limit=200)
                    )
                )
            )
        if as_json:
            print_json([item.model_dump(mode="json") for item in found])
            return
        for item in found:
            out.print(_pass_line(item), markup=False, soft_wrap=True)
        if not found:
            out.print("There is none.")


@group.command("sweep")
def policy_sweep(as_json: Annotated[bool, _JSON] = False) -> None:
    """Give the passes that the policy gives by itself, and end those that hold no longer. Twice is once.

    Scans do it for the tools that they saw, and a running `penumbra serve` every night for all.
    """
    with home() as here:
        with writing(here.engine) as connection:
            done = granting.sweep_all(connection, utc_now(), reassess=here.reassess)
        if as_json:
            print_json(done.model_dump(mode="json"))
            return
        given, ended = counted(len(done.given), "pass", "passes"), counted(len(done.ended), "pass", "passes")
        out.print(f"Version {done.policy} of the policy: {given} given, {ended} ended.", markup=False)


def _pass_line(item: GivenPass) -> str:
    cap = f", {amount(item.spend_cap.minor, item.spend_cap.currency)}" if item.spend_cap else ""
    caps = f"{item.people} of {counted(item.people_cap, 'person', 'people')}{cap}"
    stands = f"until {item.expires_on}"
    if item.ended:
        stands = f"ended, {item.ended.cause.value}: {item.ended.reason}"
    given = f"{item.given_at:%Y-%m-%d}  version {item.policy}"
    return f"{item.tool.id}  {given}  {item.tool.name}  {caps}  {stands}"


def _read(file: str) -> Policy:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        fail(f"{file} is not text in UTF-8: save it as such.")
    return parse(text)


def _report(result: SimulationOut) -> list[str]:
    ours, theirs = result.active, result.changed
    lines = [
        f"{counted(result.tools, 'tool')} flagged or decided on since {result.since:%d %B %Y}; "
        f"{result.compared:,} of them were there at its beginning.",
        f"The policy beside version {result.policy}, which is active:",
        "",
    ]
    rows = [(f"lane {lane}", getattr(ours.lanes, lane), getattr(theirs.lanes, lane)) for lane in LANES]
    rows += [
        ("provisional pass", ours.passes, theirs.passes),
        ("given by itself", ours.given, theirs.given),
        ("opened again", ours.reopened, theirs.reopened),
        ("days for IT", *_days(ours.service_seconds.it, theirs.service_seconds.it)),
        ("days for marketing", *_days(ours.service_seconds.marketing, theirs.service_seconds.marketing)),
    ]
    lines += [f"  {name:<20}{before:>8,} -> {after:>8,}" for name, before, after in rows]
    kinds = result.by_kind
    lines += [
        "",
        f"{counted(result.differing, 'tool')} would be treated otherwise: {kinds.lane} by lane, "
        f"{kinds.pass_} by pass, {kinds.reopening} by opening again, {kinds.service} by time.",
    ]
    lines += [_line(item) for item in result.items]
    if result.differing > len(result.items):
        lines.append(f"  and {result.differing - len(result.items):,} more")
    return lines


def _days(*seconds: int) -> list[int]:
    """Business days of eight hours, rounded."""
    return [round(s / _DAY_SECONDS) for s in seconds]


def _line(item: DifferenceOut) -> str:
    why: list[str] = []
    if "lane" in item.what:
        why += item.changed.reasons[:2]
    if "reopening" in item.what:
        why += [c.sentence for c in item.changed.causes or item.active.causes]
    before, after = _words(item.active), _words(item.changed)
    return f"  {item.name} ({item.tool_id}): {before} -> {after}. {' '.join(why)}".rstrip()


def _words(verdict: VerdictOut) -> str:
    parts = [verdict.lane]
    given = verdict.provisional
    if given:
        cap = f" and {amount(given.spend_cap.minor, given.spend_cap.currency)}" if given.spend_cap else ""
        how = "pass by itself" if given.automatic else "pass"
        parts.append(f"{how} for {given.days} days, {counted(given.people_cap, 'person', 'people')}{cap}")
    if verdict.causes:
        parts.append("opened again by " + ", ".join(c.kind.value for c in verdict.causes))
    return ", ".join(parts)
