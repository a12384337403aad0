"""What the pages call the parts of sources and scans. Pure."""

from app.language import N_, _
from app.web import reader

HEALTH = {
    "new": N_("Not read yet"),
    "ok": N_("Healthy"),
    "waiting": N_("Waiting"),
    "attention": N_("Needs you"),
}
HEALTH_TONE = {"new": "", "ok": "good", "waiting": "shade", "attention": "warn"}
SIGNAL = {
    "directory": N_("People and their departments"),
    "apps": N_("Which tools are listed"),
    "assignments": N_("Who was given which tool"),
    "sign_ins": N_("Who signs in to what, and when"),
    "grants": N_("What tools are allowed to do"),
    "consents": N_("When somebody allowed a tool something"),
    "expenses": N_("What was paid to whom"),
}
STREAM = {
    "people": N_("people"),
    "apps": N_("tools"),
    "assignments": N_("who was given what"),
    "grants": N_("permissions"),
    "app_permissions": N_("permissions for everybody"),
    "integrations": N_("connected services"),
    "consents": N_("consents"),
    "sign_ins": N_("sign-ins"),
    "vendors": N_("vendors"),
    "transactions": N_("card charges"),
    "reimbursements": N_("reimbursements"),
    "bills": N_("bills"),
    "expenses": N_("payments"),
    "token": N_("the log of permissions"),
    "admin": N_("the log of administrators"),
    "saml": N_("the log of sign-ins"),
}
SCAN = {
    "queued": N_("Waiting its turn"),
    "running": N_("Running"),
    "complete": N_("Complete"),
    "partial": N_("Partly read"),
    "failed": N_("Failed"),
}
SCAN_TONE = {"queued": "", "running": "shade", "complete": "good", "partial": "warn", "failed": "bad"}
TRIGGER = {
    "schedule": N_("by the schedule"),
    "hand": N_("by hand"),
    "api": N_("by a script"),
}
EVERY = {
    15: N_("Every 15 minutes"),
    60: N_("Every hour"),
    360: N_("Every 6 hours"),
    720: N_("Twice a day"),
    1440: N_("Once a day"),
    10080: N_("Once a week"),
}
NEEDS = {
    "okta": N_("Okta, the place where people sign in to their tools"),
    "entra": N_("Microsoft Entra ID, the sign-in of Microsoft 365"),
    "google_workspace": N_("Google Workspace, with the tools people connected to their Google account"),
    "ramp": N_("Ramp, the company cards"),
    "files": N_("Statements and expense lists as files, from any card or bank"),
}


def stream(name: str | None) -> str:
    """What is being read, in words."""
    if not name:
        return ""
    return _(STREAM[name]) if name in STREAM else name.replace("_", " ")


def every(minutes: int) -> str:
    """How often a source is read."""
    if minutes in EVERY:
        return _(EVERY[minutes])
    return _("Every %(time)s") % {"time": reader.current().duration(minutes * 60)}
