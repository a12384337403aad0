"""What the two sides have decided on: kept, kept for a while, moved, ended, set aside."""

from collections.abc import Iterator
from datetime import datetime

from app.reviews import commands as ask
from app.reviews.events import (
    Dismissed,
    Migrate,
    Promise,
    Provisional,
    Retire,
    Sanctioned,
    SanctionedWithConditions,
)
from app.reviews.words import Cause, Verdict
from app.sandbox.history.cast import Cast
from app.sandbox.history.stage import Stage, user_of
from app.security.schemas import Side

CONCERN = Verdict.CONCERN


def hubspot(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Sanctioned: what half of the company works with."""
    yield stage.at(43, "10:05")
    stage.claim(cast.lifecycle, "HubSpot")
    yield stage.at(43, "11:20")
    stage.co_own(cast.operations, "HubSpot", cast.lifecycle)
    yield stage.at(42, "09:30")
    review = stage.open(cast.it, "HubSpot", "Most of marketing works with it, so we decide on it first.")
    yield stage.at(42, "14:10")
    stage.assess(
        cast.systems,
        review,
        integration="Accounts come from Okta, and leave with it.",
        security="Mail and contacts are read. That is what it is for.",
        vendor_management="The contract is with us, and the data agreement is signed.",
    )
    yield stage.at(40, "11:00")
    stage.assess(
        cast.lifecycle,
        review,
        requirements="Newsletters, lead scoring, the forms on the web site.",
        budget="It is in the plan for next year.",
    )
    yield stage.at(39, "10:20")
    proposal = stage.propose(cast.it, review, Sanctioned(), "It is set up as we want it.")
    stage.sign(cast.it, review, proposal, "Nothing left to do for us.")
    yield stage.at(38, "09:45")
    stage.sign(cast.lifecycle, review, proposal, "We keep it.")
    yield stage.at(38, "15:00")
    stage.steward(cast.it, "HubSpot", cast.identity)


def canva(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Sanctioned with conditions: one promise was kept, one is still to come."""
    yield stage.at(41, "13:30")
    stage.claim(cast.social, "Canva")
    yield stage.at(40, "09:20")
    review = stage.open(
        cast.social, "Canva", "All our posts are made in it. We want to be sure that we may.", Cause.CLAIM
    )
    stage.assess(
        cast.social,
        review,
        requirements="Templates that everybody may use without a designer.",
        outcome_and_owner="I answer for it.",
        budget="Paid from the budget of social, 1,500 a year.",
    )
    yield stage.at(37, "10:45")
    asked = stage.act(cast.systems, review, ask.Ask(Side.MARKETING, "Do agencies have accounts in it?"))
    yield stage.at(36, "16:05")
    said = "Two do. We take them out when a campaign is over."
    stage.act(cast.social, review, ask.Answer(asked, said))
    yield stage.at(35, "11:15")
    stage.assess(
        cast.systems,
        review,
        integration=(CONCERN, "People come in with passwords of their own."),
        security="It reads files that people choose, and no others.",
    )
    yield stage.at(34, "10:00")
    promises = (
        Promise(
            side=Side.IT,
            owner_user_id=user_of(cast.identity),
            text="Put the team account behind single sign-on.",
            due=stage.ahead(25),
        ),
        Promise(
            side=Side.MARKETING,
            owner_user_id=user_of(cast.social),
            text="Move the nine private accounts into the team account.",
            due=stage.day(10),
        ),
    )
    proposal = stage.propose(
        cast.social, review, SanctionedWithConditions(conditions=promises), "Then nobody loses a design."
    )
    stage.sign(cast.social, review, proposal, "We need it every day.")
    yield stage.at(32, "14:40")
    stage.sign(cast.identity, review, proposal, "Fine behind single sign-on.")
    yield stage.at(12, "16:20")
    stage.act(cast.social, review, ask.Keep(2, "All nine are moved."))
    yield stage.at(2, "15:10")
    stage.ask_to_co_own(cast.content, "Canva")


def hootsuite(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Sanctioned with a condition that was missed: it is on the table again."""
    yield stage.at(38, "10:10")
    stage.claim(cast.social, "Hootsuite")
    yield stage.at(37, "13:00")
    review = stage.open(cast.it, "Hootsuite", "The whole team shares one login. We should change that.")
    yield stage.at(36, "10:30")
    stage.assess(cast.identity, review, security=(CONCERN, "One password for eleven people."))
    yield stage.at(36, "15:45")
    stage.assess(cast.social, review, requirements="Planning and approving posts.")
    yield stage.at(35, "09:40")
    promise = Promise(
        side=Side.IT,
        owner_user_id=user_of(cast.identity),
        text="Replace the shared login by single sign-on.",
        due=stage.day(9),
    )
    proposal = stage.propose(
        cast.it, review, SanctionedWithConditions(conditions=(promise,)), "The login is the only problem."
    )
    stage.sign(cast.identity, review, proposal, "We see to the login.")
    yield stage.at(33, "11:30")
    stage.sign(cast.social, review, proposal, "Good. We keep our plan of posts.")
    yield stage.at(8, "09:00")
    stage.sweep()
    again = stage.open_review("Hootsuite")
    yield stage.at(7, "14:20")
    stage.act(cast.identity, again, ask.Comment("That takes a higher plan. I have asked for a price."))
    yield stage.at(6, "10:05")
    stage.assess(cast.social, again, budget=(CONCERN, "A higher plan is not in this year's budget."))


def semrush(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Sanctioned, quickly."""
    yield stage.at(36, "09:15")
    stage.claim(cast.content, "Semrush")
    yield stage.at(35, "10:00")
    review = stage.open(cast.content, "Semrush", "We plan all articles with it.", Cause.CLAIM)
    stage.assess(cast.content, review, requirements="Key words, rankings, a look at the competition.")
    yield stage.at(34, "15:30")
    stage.assess(cast.systems, review, security="It sees Search Console and Analytics, and changes nothing.")
    yield stage.at(34, "15:40")
    proposal = stage.propose(cast.systems, review, Sanctioned(), "No personal data, small access.")
    stage.sign(cast.systems, review, proposal, "Fine.")
    yield stage.at(33, "09:10")
    stage.sign(cast.content, review, proposal, "Thank you. That was quick.")


def shutterstock(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Sanctioned in the fast lane."""
    yield stage.at(25, "09:30")
    stage.claim(cast.content, "Shutterstock")
    yield stage.at(24, "10:10")
    review = stage.open(cast.content, "Shutterstock", "Pictures for articles.", Cause.CLAIM)
    stage.assess(cast.content, review)
    yield stage.at(24, "13:50")
    stage.assess(cast.systems, review, security="It sees a name and an address, no more.")
    proposal = stage.propose(cast.systems, review, Sanctioned(), "Nothing speaks against it.")
    stage.sign(cast.systems, review, proposal, "Fine.")
    yield stage.at(23, "09:05")
    stage.sign(cast.content, review, proposal, "We need the licences.")


def typeform(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Provisional: until the new form tool is chosen."""
    yield stage.at(31, "14:00")
    stage.claim(cast.operations, "Typeform")
    yield stage.at(29, "09:50")
    review = stage.open(cast.it, "Typeform", "It may change spreadsheets and read files. Who needs that?")
    yield stage.at(27, "11:10")
    stage.assess(
        cast.operations,
        review,
        requirements="Answers go into the sheet of each campaign.",
        outcome_and_owner="I answer for it until we have one form tool for all.",
    )
    yield stage.at(26, "15:20")
    stage.assess(cast.systems, review, security=(CONCERN, "It asks for more than it needs."))
    yield stage.at(25, "10:30")
    proposal = stage.propose(
        cast.it,
        review,
        Provisional(expires=stage.ahead(40), spend_cap_minor=60_000, currency="USD", people_cap=20),
        "Good enough until the new form tool is chosen.",
    )
    stage.sign(cast.it, review, proposal, "Until then, and no bigger.")
    yield stage.at(24, "09:15")
    stage.sign(cast.operations, review, proposal, "We choose the new one before that.")


def constant_contact(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Migrate: one list is left in it."""
    yield stage.at(28, "10:00")
    stage.claim(cast.lifecycle, "Constant Contact")
    yield stage.at(27, "09:30")
    review = stage.open(cast.lifecycle, "Constant Contact", "One old list is left in it.", Cause.CLAIM)
    stage.assess(cast.lifecycle, review, outcome_and_owner="The list belongs into HubSpot.")
    yield stage.at(26, "13:15")
    stage.assess(cast.systems, review)
    yield stage.at(26, "16:00")
    terms = Migrate(to_tool_id=stage.tools["HubSpot"], by=stage.ahead(30))
    proposal = stage.propose(cast.lifecycle, review, terms, "HubSpot does the same, and is paid for.")
    stage.sign(cast.lifecycle, review, proposal, "The list moves after the next mailing.")
    yield stage.at(25, "09:40")
    stage.sign(cast.systems, review, proposal, "One tool fewer.")


def moz(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Retire, with a plan that waits for marketing's word."""
    yield stage.at(22, "11:00")
    stage.claim(cast.content, "Moz")
    yield stage.at(21, "10:20")
    review = stage.open(cast.it, "Moz", "Semrush does the same. Do we need both?")
    yield stage.at(20, "09:30")
    stage.assess(cast.content, review, outcome_and_owner="Nobody has opened it for months.")
    yield stage.at(20, "14:00")
    stage.assess(cast.systems, review)
    proposal = stage.propose(
        cast.it,
        review,
        Retire(plan="Semrush is used instead. The old reports are saved as PDF.", by=stage.ahead(21)),
        "Paid for, and not used.",
    )
    stage.sign(cast.it, review, proposal, "Then we end it.")
    yield stage.at(19, "10:45")
    stage.sign(cast.content, review, proposal, "The reports are saved.")
    yield stage.at(17, "11:30")
    plan = stage.plan(cast.it, review, stage.ahead(14))
    stage.confirm(cast.it, plan)


def x_ads(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Dismissed: media spend is not for the two sides to govern."""
    yield stage.at(18, "09:25")
    review = stage.open(cast.operations, "X Ads", "This is advertising, not a tool.")
    stage.assess(cast.operations, review, budget="Booked campaign by campaign.")
    yield stage.at(16, "14:30")
    stage.assess(cast.systems, review)
    yield stage.at(15, "10:15")
    proposal = stage.propose(
        cast.operations,
        review,
        Dismissed(reason="Media spend: finance releases it with each campaign."),
        "Nobody works in it from day to day.",
    )
    stage.sign(cast.operations, review, proposal, "Finance looks at it every month.")
    yield stage.at(14, "16:10")
    stage.sign(cast.it, review, proposal, "No access to anything of ours.")


def surveymonkey(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Sanctioned with a condition of marketing's that is due in a few days."""
    yield stage.at(18, "13:00")
    stage.claim(cast.operations, "SurveyMonkey")
    yield stage.at(17, "09:45")
    review = stage.open(cast.it, "SurveyMonkey", "Three teams have it, each with a plan of its own.")
    yield stage.at(15, "11:20")
    stage.assess(cast.operations, review, requirements="The yearly survey of customers.")
    yield stage.at(14, "10:35")
    stage.assess(cast.identity, review, security=(CONCERN, "Answers of customers are kept for ever."))
    yield stage.at(13, "09:50")
    promise = Promise(
        side=Side.MARKETING,
        owner_user_id=user_of(cast.operations),
        text="Delete answers that are older than two years.",
        due=stage.ahead(5),
    )
    proposal = stage.propose(
        cast.identity,
        review,
        SanctionedWithConditions(conditions=(promise,)),
        "Fine, if old answers do not pile up.",
    )
    stage.sign(cast.identity, review, proposal, "Fine with that.")
    yield stage.at(11, "15:05")
    stage.sign(cast.operations, review, proposal, "We delete them before the next survey.")


THREADS = (
    hubspot,
    canva,
    hootsuite,
    semrush,
    shutterstock,
    typeform,
    constant_contact,
    moz,
    x_ads,
    surveymonkey,
)
