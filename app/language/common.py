"""Words that several features put into their sentences; marked here, translated where a sentence is made."""

from app.language import N_

SIDES = (N_("IT"), N_("marketing"), N_("the arbiters"))
STATES = (
    N_("proposed"),
    N_("confirmed"),
    N_("done"),
    N_("cancelled"),
    N_("open"),
    N_("deadlock"),
    N_("decided"),
    N_("withdrawn"),
    N_("kept"),
    N_("missed"),
    N_("waived"),
    N_("queued"),
    N_("sending"),
    N_("sent"),
    N_("failed"),
    N_("dead"),
    N_("running"),
    N_("complete"),
    N_("partial"),
)
LANES = (N_("fast"), N_("standard"), N_("full"))
ITEMS = (
    N_("integration"),
    N_("security"),
    N_("operations"),
    N_("vendor management"),
    N_("requirements"),
    N_("outcome and owner"),
    N_("budget"),
)
ROLES = (N_("reader"), N_("it"), N_("auditor"), N_("admin"))
