"""Words that several features put into their sentences.

Marked here: those in `N_` are translated where a sentence is made, those in `lasting` when one is retold.
"""

from app.language import N_, lasting

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

COUNTED = (
    lasting("%(n)s person"),
    lasting("%(n)s people"),
    lasting("%(n)s person uses"),
    lasting("%(n)s people use"),
    lasting("%(n)s person uses it."),
    lasting("%(n)s people use it."),
    lasting("%(n)s department uses it."),
    lasting("%(n)s departments use it."),
    lasting("%(n)s person uses it (%(compared)s)."),
    lasting("%(n)s people use it (%(compared)s)."),
    lasting("%(n)s department uses it (%(compared)s)."),
    lasting("%(n)s departments use it (%(compared)s)."),
    lasting("%(n)s person or account"),
    lasting("%(n)s people or accounts"),
    lasting("%(n)s warning"),
    lasting("%(n)s warnings"),
    lasting("%(n)s charge"),
    lasting("%(n)s charges"),
    lasting("%(n)s month"),
    lasting("%(n)s months"),
    lasting("%(n)s day"),
    lasting("%(n)s days"),
    lasting("in %(n)s day"),
    lasting("in %(n)s days"),
    lasting("%(n)s more thing"),
    lasting("%(n)s more things"),
    lasting("%(n)s other"),
    lasting("%(n)s others"),
)
FACTS = (
    lasting("IT"),
    lasting("marketing"),
    lasting("migrate"),
    lasting("retire"),
    lasting("fast"),
    lasting("standard"),
    lasting("full"),
    lasting("active"),
    lasting("dormant"),
    lasting("gone"),
    lasting("unreviewed"),
    lasting("in review"),
    lasting("sanctioned"),
    lasting("sanctioned with conditions"),
    lasting("provisional"),
    lasting("retiring"),
    lasting("retired"),
    lasting("dismissed"),
    lasting("unowned"),
    lasting("claimed"),
    lasting("owned"),
    lasting("lapsed"),
    lasting("high"),
    lasting("medium"),
    lasting("low"),
    lasting("%(words)s and %(last)s"),
)
PERIODS = (
    lasting("a week"),
    lasting("four weeks"),
    lasting("a month"),
    lasting("three months"),
    lasting("a year"),
)
