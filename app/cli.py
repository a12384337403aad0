"""The command line `penumbra`: wiring only; the commands are in `app/commands/`."""

import typer

from app.commands import (
    access,
    accuracy,
    admin,
    claims,
    kb,
    notify,
    policy,
    remediation,
    reviews,
    scan,
    serve,
    source,
    spend,
    teach,
    tools,
)

cli = typer.Typer(
    name="penumbra",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Find the cloud marketing tools a company adopted outside IT, and decide on them together.",
)
cli.command("serve")(serve.serve)
cli.command("demo")(admin.demo)
cli.add_typer(source.group, name="source")
cli.command("scan")(scan.scan)
cli.command("import")(scan.import_file)
cli.command("identify")(tools.identify_file)
cli.command("tools")(tools.tools)
cli.command("accuracy")(accuracy.accuracy)
cli.add_typer(kb.group, name="kb")
cli.add_typer(teach.group, name="teach")
cli.add_typer(claims.group, name="claims")
cli.add_typer(notify.group, name="notify")
cli.add_typer(policy.group, name="policy")
cli.add_typer(reviews.group, name="reviews")
cli.add_typer(remediation.group, name="remediation")
cli.add_typer(spend.group, name="spend")
cli.add_typer(access.user_group, name="user")
cli.add_typer(access.token_group, name="token")
cli.add_typer(access.audit_group, name="audit")
cli.add_typer(admin.db_group, name="db")
cli.command("doctor")(admin.doctor)


def main() -> None:
    """Entry point of the console script."""
    cli()
