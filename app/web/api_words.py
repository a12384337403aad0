"""What the pages of the API's description call things. Pure."""

from markupsafe import Markup, escape

from app.language import N_

TAG = {
    "access": (N_("Access and audit"), N_("Who you are, users, tokens, roles, and the audit trail.")),
    "catalog": (N_("Catalog"), N_("Tools, the evidence behind them, people and permissions.")),
    "claims": (N_("Claims"), N_("Who answers for a tool.")),
    "exports": (N_("Exports"), N_("Whole lists as files.")),
    "health": (N_("Health"), N_("For those who watch that Penumbra runs.")),
    "notifications": (N_("Notifications"), N_("Channels, what is told to whom, and what was delivered.")),
    "policy": (N_("Policy"), N_("The rules that are in force, their versions, and trying others.")),
    "remediation": (N_("Ending access"), N_("What follows when a tool is retired.")),
    "report": (N_("Joint report"), N_("Getting it by e-mail.")),
    "requests": (N_("Requests"), N_("Asking before buying.")),
    "reviews": (N_("Reviews"), N_("The joint decision of IT and marketing, and the scoreboard.")),
    "scans": (N_("Scans"), N_("Reading sources, and what came of it.")),
    "sources": (N_("Sources"), N_("The accounts that are read.")),
    "spend": (N_("Spend"), N_("Contracts, subscriptions, renewals, overlap, and what was paid.")),
    "teaching": (N_("Teaching"), N_("Saying which tool something is: correct, merge, split, undo.")),
    "views": (N_("Saved lists"), N_("Lists of tools that people keep under a name.")),
}
KIND = {
    "text": N_("text"),
    "whole": N_("whole number"),
    "number": N_("number"),
    "yes_no": N_("true or false"),
    "moment": N_("moment, with its time zone"),
    "day": N_("day, as 2026-12-01"),
    "object": N_("object"),
    "any": N_("anything"),
}
WHERE = {"path": N_("in the address"), "query": N_("after the question mark"), "header": N_("header")}


def coded(text: str) -> Markup:
    """A text of the document with what stands between backticks as code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if n % 2 and n < len(parts) - 1 else escape(part)
        for n, part in enumerate(parts)
    )
