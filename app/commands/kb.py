"""`penumbra kb`: check the knowledge base, count it, ask it why, and add a product."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from app.commands.base import fail, out, print_json
from app.identify.adding import add_record, make_record
from app.identify.canonical import render
from app.identify.contents import Contents, read_contents
from app.identify.explain import Explanation, explain, guess_kind
from app.identify.labelled import KINDS
from app.identify.lint import lint, restyled
from app.identify.match import Match
from app.identify.records import KnowledgeBaseError, default_knowledge_base
from app.identify.stats import stats
from connectors.identifiers import APP_NAME, DOMAIN, MERCHANT

group = typer.Typer(
    no_args_is_help=True, help="The knowledge base: check it, count it, ask it why, add to it."
)

_SAID = {APP_NAME: "an application's name", DOMAIN: "a host name", MERCHANT: "a card-statement line"}

Folder = Annotated[
    Path | None, typer.Option("--folder", help="The data folder; that of this installation if not given.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
Many = list[str] | None


class Kind(StrEnum):
    """How a text is to be read."""

    sso_label = "sso_label"
    oauth_app = "oauth_app"
    domain = "domain"
    merchant = "merchant"


class Pricing(StrEnum):
    """Whether a product has a plan without a price."""

    free = "free"
    free_plan = "free_plan"
    paid = "paid"


class Tier(StrEnum):
    """How well known a product is."""

    head = "head"


class Team(StrEnum):
    """Whose tool a product is."""

    marketing = "marketing"
    other = "other"


def _read(folder: Path | None) -> Contents:
    try:
        return read_contents(folder)
    except KnowledgeBaseError as error:
        fail(str(error))


@group.command("lint")
def lint_command(
    folder: Folder = None,
    fix: Annotated[bool, typer.Option("--fix", help="Write the files in the one style first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check every record; exit status 1 if something is not as it must be.

    Each line says which file and record, what is wrong, and what to do about it.
    """
    contents = _read(folder)
    fixed = restyled(contents) if fix else {}
    for name, text in fixed.items():
        _write(contents.folder / name, text)
    if fixed:
        contents = contents._replace(texts=contents.texts | fixed)
    findings = lint(contents)
    if as_json:
        print_json(
            {
                "records": len(contents.entries),
                "rewritten": sorted(fixed),
                "findings": [finding._asdict() for finding in findings],
            }
        )
    else:
        for name in sorted(fixed):
            out.print(f"{name}: rewritten in the one style", markup=False)
        for finding in findings:
            out.print(str(finding), markup=False, soft_wrap=True)
        found = f"{len(findings):,} things to mend" if findings else "nothing to mend"
        out.print(f"{len(contents.entries):,} records: {found}", markup=False)
    if findings:
        raise typer.Exit(1)


@group.command("stats")
def stats_command(folder: Folder = None, as_json: AsJson = False) -> None:
    """Count what the knowledge base holds: products by category, and how many records have what."""
    counted = stats(_read(folder))
    if as_json:
        print_json(counted)
        return
    teams = ", ".join(f"{n:,} {team}" for team, n in counted["audience"].items())
    out.print(f"{counted['products']:,} products of {counted['vendors']:,} vendors: {teams}", markup=False)
    out.print(f"{counted['head']:,} of them are head records\n", markup=False)
    by_category = [(f"{c['code']} {c['name']}", c["products"]) for c in counted["landscape"]]
    _columns("Marketing landscape", by_category)
    _columns("Other areas", list(counted["areas"].items()))
    _columns("Records that have", list(counted["fields"].items()))
    _columns("In all", list(counted["values"].items()))
    _columns("Sources", list(counted["sources"].items()))


def _columns(title: str, rows: Sequence[tuple[str, int]]) -> None:
    shown = Table(box=None, pad_edge=False)
    shown.add_column(title, no_wrap=True)
    shown.add_column("", justify="right")
    for name, number in rows:
        shown.add_row(name, f"{number:,}")
    out.print(shown)
    out.print("")


@group.command("explain")
def explain_command(
    name: Annotated[str, typer.Argument(help="A name, a host name, or a statement line, in quotes.")],
    kind: Annotated[Kind | None, typer.Option("--kind", help="What it is; guessed if not given.")] = None,
    publisher: Annotated[str, typer.Option("--publisher", help="The publisher that stood beside it.")] = "",
    domain: Annotated[str, typer.Option("--domain", help="A host name that stood beside it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say which product a name, host or statement line is, by which rule and how sure, or why none."""
    if not name.strip():
        fail("NAME is empty; write a name, a host name, or a statement line in quotes")
    read_as = KINDS[kind] if kind else guess_kind(name)
    told = explain(default_knowledge_base(), read_as, name, publisher=publisher, domain=domain)
    if as_json:
        print_json(_as_data(told))
        return
    guessed = "" if kind else " (guessed; say otherwise with --kind)"
    for head, text in _steps(told, guessed):
        out.print(f"{head:<14}{text}", markup=False, soft_wrap=True)


def _steps(told: Explanation, guessed: str) -> list[tuple[str, str]]:
    steps = [("Read as", f"{_SAID[told.kind]}{guessed}"), ("Normal form", told.normal or "nothing is left")]
    if told.taken_off:
        steps.append(("Taken off", ", ".join(told.taken_off)))
    if told.reseller:
        steps.append(("Paid through", told.reseller))
    if told.match is None:
        steps.append(("Answer", f"nothing. {told.silence}"))
        heads = ["Nearly so", *[""] * len(told.suggestions)]
        steps += [
            (
                head,
                f"{s.name} → {s.product.name} ({s.product.domain}), {s.likeness:.0f} % alike, a suggestion",
            )
            for head, s in zip(heads, told.suggestions, strict=False)
        ]
    else:
        match = told.match
        product = match.product
        steps.append(("Answer", f"{product.name} ({product.domain}) by {product.vendor}, {product.category}"))
        steps.append(("Audience", product.audience))
        steps.append(("Rule", f"{match.rule}, confidence {match.confidence:.3f}"))
        steps.append(("Why", match.why))
    others = [m for m in told.ranked if told.match is None or m.product.id != told.match.product.id]
    heads = ["Runner-up", *[""] * len(others)]
    steps += [
        (head, f"{m.product.name}, {m.rule}, confidence {m.confidence:.3f}")
        for head, m in zip(heads, others[:3], strict=False)
    ]
    return steps


def _as_data(told: Explanation) -> dict[str, Any]:
    return {
        "kind": told.kind,
        "value": told.value,
        "normal": told.normal,
        "taken_off": told.taken_off,
        "reseller": told.reseller or None,
        "answer": _match(told.match) if told.match else None,
        "silence": told.silence or None,
        "ranked": [_match(match) for match in told.ranked],
        "suggestions": [
            {"name": s.name, "product": s.product.id, "domain": s.product.domain, "likeness": s.likeness}
            for s in told.suggestions
        ],
    }


def _match(match: Match) -> dict[str, Any]:
    product = match.product
    return {
        "product": product.id,
        "name": product.name,
        "vendor": product.vendor,
        "domain": product.domain,
        "category": product.category,
        "audience": product.audience,
        "rule": match.rule,
        "confidence": match.confidence,
        "why": match.why,
    }


@group.command("add")
def add_command(
    name: Annotated[str, typer.Option("--name", help="What the product is called.")],
    domain: Annotated[str, typer.Option("--domain", help="The registrable domain of its home.")],
    category: Annotated[
        str, typer.Option("--category", help="A heading (CE-EMAIL) or another area (finance).")
    ],
    id_: Annotated[str, typer.Option("--id", help="Its id; made from the name if not given.")] = "",
    vendor: Annotated[str, typer.Option("--vendor", help="Who makes it, when called otherwise.")] = "",
    owner: Annotated[str, typer.Option("--owner", help="The company that owns the vendor.")] = "",
    audience: Annotated[
        Team | None,
        typer.Option("--audience", help="Whose tool it is; as usual in its category if not given."),
    ] = None,
    alias: Annotated[
        Many, typer.Option("--alias", help="Another name; may be repeated, as all below.")
    ] = None,
    former: Annotated[Many, typer.Option("--former", help="A former name.")] = None,
    legal: Annotated[Many, typer.Option("--legal", help="A company on its invoices.")] = None,
    oauth: Annotated[Many, typer.Option("--oauth", help="Its name on consent screens.")] = None,
    further_domain: Annotated[Many, typer.Option("--further-domain", help="Another home.")] = None,
    login: Annotated[Many, typer.Option("--login", help="A host where customers sign in.")] = None,
    tenant: Annotated[Many, typer.Option("--tenant", help="A host that customers have names under.")] = None,
    sending: Annotated[Many, typer.Option("--sending", help="A domain that its e-mail comes from.")] = None,
    asset: Annotated[Many, typer.Option("--asset", help="A domain of its tags and files.")] = None,
    publisher: Annotated[Many, typer.Option("--publisher", help="A publisher on consent screens.")] = None,
    okta_key: Annotated[Many, typer.Option("--okta-key", help="Its key in Okta's catalogue.")] = None,
    descriptor: Annotated[
        Many, typer.Option("--descriptor", help="How its charges begin on statements.")
    ] = None,
    pricing: Annotated[
        Pricing | None, typer.Option("--pricing", help="Whether there is a free plan.")
    ] = None,
    tier: Annotated[
        Tier | None, typer.Option("--tier", help="head for the best known, complete records.")
    ] = None,
    common_word: Annotated[
        bool, typer.Option("--common-word", help="The name is an ordinary word: alone it means nothing.")
    ] = False,
    guarded: Annotated[
        Many, typer.Option("--guarded", help="One of the other names that is such a word.")
    ] = None,
    source: Annotated[
        Many, typer.Option("--source", help="Where the facts come from; own if not given.")
    ] = None,
    folder: Folder = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the record, write nothing.")] = False,
) -> None:
    """Add a product to the knowledge base, in the right file and style, if nothing speaks against it."""
    contents = _read(folder)
    given = {
        "name": name.strip(),
        "domain": domain.strip().lower(),
        "category": category.strip(),
        "id": id_,
        "vendor": vendor,
        "owner": owner,
        "audience": audience and audience.value,
        "aliases": alias,
        "former_names": former,
        "legal_names": legal,
        "oauth_names": oauth,
        "domains": further_domain,
        "login_hosts": login,
        "tenant_hosts": tenant,
        "sending_domains": sending,
        "asset_domains": asset,
        "publishers": publisher,
        "okta_keys": okta_key,
        "descriptors": descriptor,
        "pricing": pricing and pricing.value,
        "tier": tier and tier.value,
        "common_word": common_word,
        "guarded": guarded,
        "sources": source,
    }
    for option in ("name", "domain", "category"):
        if not given[option]:
            fail(f"--{option} is empty; every record has one")
    try:
        addition = add_record(contents, make_record(contents, given))
    except KnowledgeBaseError as error:
        fail(str(error))
    if addition.findings:
        fail(f"{name} is not added:", [str(finding) for finding in addition.findings], status=1)
    out.print(render([addition.product]), markup=False, end="", soft_wrap=True)
    path = contents.folder / addition.file
    if dry_run:
        out.print(f"Nothing speaks against it; it would go into {path}", markup=False, soft_wrap=True)
        return
    _write(path, addition.text)
    out.print(f"Added to {path}", markup=False, soft_wrap=True)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}; name a folder you may write with --folder")
