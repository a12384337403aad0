"""`penumbra demo`: the simulated company's vendors on loopback, scanned over real HTTP."""

import contextlib
import os
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.clock import utc_now
from app.commands.base import Home, home, out
from app.commands.scan import print_result, run_scans
from app.commands.serve import run_server
from app.commands.source import add_source
from app.commands.tools import list_tools, print_tools
from app.db import reading, writing
from app.models import api_tokens, sources, users
from app.reviews.reading import list_reviews
from app.reviews.schemas import ReviewQuery
from app.reviews.words import Standing
from app.sandbox import history
from app.sandbox.company import Company, build_company
from app.sandbox.people import Person
from app.sandbox.truth import Comparison, compare, truth_of
from app.sandbox.vendors import Vendor, running_vendors
from app.security import service as security
from app.security.schemas import Role, UserIn
from app.security.users import create_user
from app.sources import service
from app.sources.schemas import SourceChange
from connectors.base import CheckReport

SEED = 7


def run_demo(*, once: bool, port: int) -> int:
    """Run the demo; gives the exit status (0 when what was found agrees with the truth)."""
    os.environ.setdefault("PENUMBRA_DATA_DIR", ".demo")
    os.environ.setdefault("PENUMBRA_MAY_REVOKE", "true")  # at the made-up Google alone
    with home() as here:
        here.settings.data_dir.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        company = build_company(SEED, as_of=_as_of(here.settings.data_dir))
        out.print(
            f"A simulated company: {len(company.people):,} people as of {company.as_of:%d %B %Y}. "
            "Its vendors answer on loopback only."
        )
        with running_vendors(company, here.settings.data_dir) as vendors:
            for vendor in vendors:
                _connect(here, vendor)
            results = run_scans(here, [v.name for v in vendors], quiet=False)
            out.print()
            for result in results:
                print_result(result)
            found_right = _show(here, company)
            if found_right:
                _tell_history(here, company)
            out.print(f"Done in {time.monotonic() - began:.0f} seconds.")
            if not once:
                # The vendors stay: a source may be scanned again, and access ended at one of them.
                _serve(here, port, company)
        return 0 if found_right and all(r["outcome"] == "complete" for r in results) else 1


def _show(here: Home, company: Company) -> bool:
    """Print the flagged tools beside the truth; True if what was found agrees with it."""
    with reading(here.engine) as connection:
        found = list_tools(connection)
    met = as_flagged(found)
    flagged = [t for t in met if t["flagged"]]
    taken_up = sum(t["governance"] != "unreviewed" for t in flagged)
    since = f", {taken_up} of which were taken up since" if taken_up else ""
    out.print(f"\n{len(found)} tools found; {len(flagged)} are flagged for joint review{since}:\n")
    print_tools(flagged)
    verdict = compare(met, truth_of(company))
    _print_comparison(verdict)
    return verdict.recall == 1.0 and verdict.precision >= 0.98


def as_flagged(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tools as the scans had flagged them: what people have taken up since was flagged before."""
    return [{**t, "flagged": t["flagged"] or t["governance"] != "unreviewed"} for t in found]


def _tell_history(here: Home, company: Company) -> None:
    """Let the company's people work with what was found, and say what came of it: the same every time."""
    with reading(here.engine) as connection:
        tools = {t["name"]: t["id"] for t in list_tools(connection)}
    with writing(here.engine) as connection:
        history.play(connection, company, tools, kb=here.kb, reassess=here.reassess, actor=here.actor)
    with reading(here.engine) as connection:
        owned = sum(t["ownership"] != "unowned" for t in list_tools(connection))
        reviews = list_reviews(connection, ReviewQuery(), limit=1000).items
    decided = sum(r.state is Standing.DECIDED for r in reviews)
    out.print(
        f"Its people have worked on them for two months: {owned} tools have an owner, and of {len(reviews)} "
        f"joint reviews {decided} are decided."
    )


def _as_of(data_dir: Path) -> date:
    """The company's last day: the day of the first demo, so that a second one finds the same."""
    path = data_dir / "company.json"
    if not path.exists():
        path.write_bytes(orjson.dumps({"as_of": utc_now().date().isoformat()}))
    return date.fromisoformat(orjson.loads(path.read_bytes())["as_of"])


def _connect(here: Home, vendor: Vendor) -> None:
    """Add the source, or tell the one of the last demo where its vendor answers today."""
    with reading(here.engine) as connection:
        row = connection.execute(sa.select(sources).where(sources.c.name == vendor.name)).one_or_none()
    if row is None:
        add_source(
            here,
            vendor.connector,
            vendor.name,
            vendor.settings,
            [f"{name}=@{path}" for name, path in vendor.secret_files.items()],
            minutes=60,
            enabled=False,
            force=False,
        )
        return
    changes: dict[str, Any] = dict(s.split("=", 1) for s in vendor.settings)
    changes |= {name: path.read_text() for name, path in vendor.secret_files.items()}
    prepared = service.changed_config(row, changes, here.secrets)
    report = CheckReport(account=row.account, account_name=row.account_name)
    with writing(here.engine) as connection:
        service.update(
            connection,
            row.id,
            row.version,
            SourceChange(config=changes),
            prepared,
            report,
            secrets=here.secrets,
            actor=here.actor,
            now=utc_now(),
        )


def _print_comparison(verdict: Comparison) -> None:
    out.print(
        f"\nBeside the truth: recall {verdict.recall:.1%} and precision {verdict.precision:.1%} "
        "of the planted flagged tools."
    )
    for name in verdict.missed:
        out.print(f"  missed: {name}", markup=False)
    for name in verdict.wrong:
        out.print(f"  flagged wrongly: {name}", markup=False)


def _serve(here: Home, port: int, company: Company) -> None:
    out.print(f"\nPages: http://127.0.0.1:{port}/   API: http://127.0.0.1:{port}/api/v1/tools")
    out.print("Log in with one of these tokens (they end tomorrow):")
    now = utc_now()
    with writing(here.engine) as connection:
        for role, person in at_the_table(company).items():
            text = _token(connection, role, person, here.actor, now)
            who = f"{person.name}, {person.title}" if person else "Administrator"
            out.print(f"  {role.value:<10} {text}  {who}", markup=False, soft_wrap=True)
    out.print("Stop with Ctrl-C.")
    with contextlib.suppress(KeyboardInterrupt):
        run_server(here, "127.0.0.1", port, scans=True)


def at_the_table(company: Company) -> dict[Role, Person | None]:
    """Who may log in to the demo: one person a side, and an administrator who is nobody of the company."""
    headquarters = [p for p in company.people if not p.subsidiary and p.works]
    by_title = {p.title: p for p in reversed(headquarters)}
    return {
        Role.MARKETING: by_title["Head of Marketing Operations"],
        Role.IT: by_title["Head of IT & Security"],
        Role.ADMIN: None,
    }


def _token(connection: Connection, role: Role, person: Person | None, actor: str, now: datetime) -> str:
    """A new token for a day, in the place of the last demo's."""
    name = "demo" if person is None else f"demo {role.value}"
    connection.execute(sa.delete(api_tokens).where(api_tokens.c.name == name))
    user_id = None
    if person is not None:
        user_id = connection.scalar(sa.select(users.c.id).where(users.c.email == person.email))
        if user_id is None:
            wanted = UserIn(email=person.email, name=person.name, roles=[role])
            user_id = create_user(connection, wanted, actor=actor, now=now).id
    _, text = security.create_token(connection, name, role, user_id=user_id, days=1, actor=actor, now=now)
    return text
