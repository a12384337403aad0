"""What always holds when the evidence of an unknown tool is weighed."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.identify import AudienceSignals, audience
from app.identify.audience import CLOSINGS, weigh

MANY = settings(max_examples=300, deadline=None)
G = "https://www.googleapis.com/auth/"

TEAMS = ["Marketing", "Kommunikation", "Publicité", "Engineering", "IT", "Sales", "Berlin", "HR", "Design"]
SCOPES = [
    G + "adwords", G + "analytics.readonly", G + "youtube.upload", G + "cloud-platform", G + "drive",
    G + "admin.directory.user", "r_ads", "tweet.write", "pages_manage_posts", "video.publish", "repo",
    "openid", "okta.users.read", "campaign_data", "notadwords",
]  # fmt: skip
CODES = ["7311", "7333", "2741", "5968", "3058", "5812", "8111", "8931", "5734", "7372", "0000", "x"]
ACCOUNTS = [
    "Advertising",
    "6600 Werbekosten",
    "Events",
    "Software",
    "Payroll",
    "Travel",
    "Travel - Marketing",
]
LABELS = [
    "SEO Toolkit", "adreach", "Payrollly", "Social Recruiting", "Adobee", "mailblast.eu", "VPN", "Quorble",
    "Influencer Finder", "Azure AD Connect", "Brand",
]  # fmt: skip
TEXTS = [
    "",
    "Email marketing for shops",
    "Payroll and HR",
    "Audience research",
    "Plan sprints",
    "What you need",
]
FOR_MARKETING = (
    [("scopes", s) for s in SCOPES if s in {G + "adwords", G + "analytics.readonly", "r_ads", "tweet.write"}]
    + [("scopes", s) for s in ("pages_manage_posts", "campaign_data", G + "youtube.upload", "video.publish")]
    + [("mcc", c) for c in ("7311", "7333", "2741")]
    + [("accounts", a) for a in ("Advertising", "6600 Werbekosten", "Events")]
    + [("names", n) for n in ("SEO Toolkit", "adreach", "mailblast.eu", "Influencer Finder", "Brand")]
)


def lists(values: list[str], most: int = 4) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=most).map(tuple)


EVIDENCE = st.builds(
    AudienceSignals,
    departments=st.dictionaries(st.sampled_from(TEAMS), st.integers(-1, 12), max_size=5),
    people=st.integers(0, 60),
    scopes=lists(SCOPES),
    mcc=lists(CODES),
    accounts=lists(ACCOUNTS),
    name=st.sampled_from(["", *LABELS]),
    domain=st.sampled_from(["", "adreach.co", "quorble.io", "payrollly.com"]),
    description=st.sampled_from(TEXTS),
    names=lists(LABELS),
)
ANYTHING = st.builds(
    AudienceSignals,
    departments=st.dictionaries(st.text(max_size=30), st.integers(), max_size=4),
    people=st.integers(),
    scopes=st.lists(st.text(max_size=60), max_size=4).map(tuple),
    mcc=st.lists(st.text(max_size=6), max_size=4).map(tuple),
    accounts=st.lists(st.text(max_size=60), max_size=4).map(tuple),
    name=st.text(max_size=80),
    domain=st.text(max_size=80),
    description=st.text(max_size=200),
    names=st.lists(st.text(max_size=60), max_size=4).map(tuple),
    unresolved=st.booleans(),
)


def balance(signals: AudienceSignals) -> float:
    return sum(sign.weight for sign in weigh(signals))


@MANY
@given(EVIDENCE, st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_changes_nothing(signals: AudienceSignals, dice) -> None:
    def mixed(values):
        values = list(values)
        dice.shuffle(values)
        return values

    other = replace(
        signals,
        departments=dict(mixed(signals.departments.items())),
        **{f: tuple(mixed(getattr(signals, f))) for f in ("scopes", "mcc", "accounts", "names")},
    )
    assert audience(None, other) == audience(None, signals)


@MANY
@given(EVIDENCE)
def test_saying_a_thing_twice_changes_nothing(signals: AudienceSignals) -> None:
    twice = {f: getattr(signals, f) * 2 for f in ("scopes", "mcc", "accounts", "names")}
    assert audience(None, replace(signals, **twice)) == audience(None, signals)


@MANY
@given(EVIDENCE, st.sampled_from(FOR_MARKETING))
def test_a_sign_for_marketing_never_lowers_the_balance(signals: AudienceSignals, sign) -> None:
    kind, value = sign
    more = replace(signals, **{kind: (*getattr(signals, kind), value)})
    assert balance(more) >= balance(signals) - 1e-9
    if audience(None, signals).value == "marketing":
        assert audience(None, more).value == "marketing"


@MANY
@given(EVIDENCE, st.sampled_from(["Marketing", "Kommunikation", "Brand & Communications"]), st.booleans())
def test_one_more_person_of_marketing_never_lowers_the_balance(
    signals: AudienceSignals, team: str, counted: bool
) -> None:
    counts = {**signals.departments, team: max(0, signals.departments.get(team, 0)) + 1}
    more = replace(signals, departments=counts, people=signals.people + (not counted))
    assert balance(more) >= balance(signals) - 1e-9


@MANY
@given(st.one_of(EVIDENCE, ANYTHING))
def test_every_answer_has_a_reason_and_every_reason_a_sign(signals: AudienceSignals) -> None:
    value, confidence, reasons = audience(None, signals)
    assert reasons
    assert 0 < confidence < 1
    assert (confidence < 0.5) == (value == "unsure")
    assert all(reason.strip() and reason.endswith(".") and "  " not in reason for reason in reasons)
    signs = () if signals.unresolved else weigh(signals)
    assert [r for r in reasons if r not in CLOSINGS] == [sign.reason for sign in signs]
    assert sum(r in CLOSINGS for r in reasons) == (value == "unsure")


@MANY
@given(st.one_of(EVIDENCE, ANYTHING))
def test_no_sign_weighs_nothing_and_no_kind_speaks_twice_for_one_side(signals: AudienceSignals) -> None:
    signs = weigh(signals)
    assert all(sign.weight for sign in signs)
    sides = [(sign.kind, sign.weight > 0) for sign in signs]
    assert len(sides) == len(set(sides))


@MANY
@given(st.one_of(EVIDENCE, ANYTHING))
def test_one_sign_alone_decides_only_if_it_is_decisive(signals: AudienceSignals) -> None:
    value = audience(None, signals).value
    if value != "unsure":
        pointing = [s for s in weigh(signals) if (s.weight > 0) == (value == "marketing")]
        assert len(pointing) >= 2 or any(sign.decisive for sign in pointing)
