"""What is under way: claims, reviews that wait on one side or the other, requests, contracts, lists."""

from collections.abc import Iterator
from datetime import datetime

from app.claims.fold import Reason
from app.requests.schemas import RequestIn, SpendIn, TriedIn
from app.reviews import commands as ask
from app.reviews.events import Promise, Sanctioned, SanctionedWithConditions
from app.reviews.words import Cause, Verdict
from app.sandbox.history.cast import Cast
from app.sandbox.history.stage import Stage, user_of
from app.security.schemas import Side
from app.spend.schemas import ContractIn

CONCERN = Verdict.CONCERN


def mailchimp(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """A question stops IT's clock: marketing is asked."""
    yield stage.at(19, "09:30")
    stage.claim(cast.lifecycle, "Mailchimp")
    yield stage.at(5, "10:00")
    review = stage.open(cast.it, "Mailchimp", "HubSpot sends mail too. What is this one for?")
    yield stage.at(4, "11:40")
    stage.assess(cast.systems, review, security=(CONCERN, "It reads all contacts of fourteen people."))
    yield stage.at(4, "14:30")
    stage.assess(cast.lifecycle, review, requirements="The newsletters of the trade fairs.")
    yield stage.at(3, "09:55")
    stage.act(
        cast.systems, review, ask.Ask(Side.MARKETING, "Which lists are in it, and who may export them?")
    )


def supermetrics(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """One key is turned; marketing's is missing."""
    yield stage.at(28, "13:30")
    stage.claim(cast.operations, "Supermetrics")
    yield stage.at(7, "10:15")
    review = stage.open(cast.operations, "Supermetrics", "All our reports are fed by it.", Cause.CLAIM)
    stage.assess(
        cast.operations,
        review,
        requirements="Figures of eleven advertising accounts in one sheet.",
        budget="3,600 a year, from operations.",
    )
    yield stage.at(5, "15:00")
    stage.assess(cast.identity, review, security=(CONCERN, "It may change all spreadsheets."))
    yield stage.at(3, "11:10")
    promise = Promise(
        side=Side.MARKETING,
        owner_user_id=user_of(cast.operations),
        text="Connect it with one service account only.",
        due=stage.ahead(28),
    )
    proposal = stage.propose(
        cast.identity,
        review,
        SanctionedWithConditions(conditions=(promise,)),
        "One account instead of nine is enough for us.",
    )
    stage.sign(cast.identity, review, proposal, "Fine with one account.")


def wistia(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """One key is turned; IT's is missing."""
    yield stage.at(9, "10:30")
    stage.claim(cast.content, "Wistia")
    yield stage.at(2, "10:00")
    review = stage.open(cast.content, "Wistia", "The films on our product pages run on it.", Cause.CLAIM)
    stage.assess(cast.content, review, requirements="Films without advertising, with our own player.")
    yield stage.at(2, "14:15")
    stage.assess(cast.systems, review, security="It publishes films, and reads nothing.")
    yield stage.at(1, "09:35")
    proposal = stage.propose(cast.content, review, Sanctioned(), "It does what it should.")
    stage.sign(cast.content, review, proposal, "We would like to keep it.")


def klaviyo(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Marketing has assessed, IT has not."""
    yield stage.at(16, "09:10")
    stage.claim(cast.lifecycle, "Klaviyo")
    yield stage.at(1, "09:40")
    review = stage.open(cast.lifecycle, "Klaviyo", "The shop sends its mail with it.", Cause.CLAIM)
    stage.assess(
        cast.lifecycle,
        review,
        requirements="Mail about orders and baskets.",
        budget="8,600 a year, from the shop.",
    )


def litmus(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Late: IT has assessed, and marketing has not answered."""
    yield stage.at(6, "13:20")
    review = stage.open(cast.it, "Litmus", "One person pays for it. Does anybody else use it?")
    yield stage.at(5, "09:20")
    stage.assess(cast.systems, review, security="It sees drafts of mails, and no addresses.")


def jotform(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Just opened."""
    yield stage.at(1, "15:10")
    stage.open(cast.it, "Jotform", "It may read and change all files. Typeform does the same with less.")


def buying(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Two who ask before they buy; one of the requests is under review."""
    yield stage.at(4, "10:50")
    request = stage.request(
        cast.events,
        RequestIn(
            what="Descript",
            need="Cutting the talks of our events into short films.",
            people=4,
            spend=SpendIn(minor=115_200, currency="USD"),
        ),
    )
    yield stage.at(2, "16:30")
    tried = TriedIn(tool=stage.tools["Hootsuite"], lacked="Guests need a paid seat to approve a post.")
    stage.request(
        cast.events,
        RequestIn(
            what="Buffer",
            need="Planning posts of the spring fair together with two agencies.",
            tried=[tried],
            people=5,
            spend=SpendIn(minor=36_000, currency="USD"),
        ),
    )
    yield stage.at(1, "11:00")
    stage.take_up(cast.operations, request)


def owners(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Claims: taken, declined, contested, offered."""
    yield stage.at(34, "10:40")
    stage.claim(cast.social, "Vimeo")
    yield stage.at(30, "09:20")
    stage.claim(cast.operations, "Ahrefs")
    yield stage.at(30, "09:25")
    stage.claim(cast.operations, "Unbounce")
    yield stage.at(26, "15:40")
    stage.claim(cast.lifecycle, "ActiveCampaign")
    yield stage.at(21, "13:10")
    stage.decline(cast.content, "Outbrain", Reason.NOT_OURS, "An agency of the press team booked it.")
    yield stage.at(20, "11:05")
    stage.contest(cast.content, "Vimeo", "Nearly all films in it are ours.")
    yield stage.at(3, "15:30")
    stage.hand_over(cast.operations, "Ahrefs", cast.content)


def contracts(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """Contracts: two renew soon."""
    yield stage.at(32, "09:30")
    stage.contract(
        cast.it,
        "Sprinklr",
        ContractIn(
            vendor_ref="SPR-20417",
            starts_on=stage.ahead(-313),
            ends_on=stage.ahead(52),
            notice_days=30,
            amount_minor=9_600_000,
            currency="USD",
            seats=100,
            note="Customer support pays two thirds of it.",
        ),
    )
    yield stage.at(20, "14:20")
    stage.contract(
        cast.operations,
        "ON24",
        ContractIn(
            vendor_ref="Q-88213",
            starts_on=stage.ahead(-327),
            ends_on=stage.ahead(38),
            notice_days=30,
            amount_minor=2_400_000,
            currency="USD",
            note="Used for three web conferences this year.",
        ),
    )
    yield stage.at(10, "10:10")
    stage.contract(
        cast.social,
        "Brandwatch",
        ContractIn(
            starts_on=stage.ahead(-49),
            ends_on=stage.ahead(316),
            auto_renews=False,
            amount_minor=1_800_000,
            currency="USD",
            seats=5,
        ),
    )


def tidying(stage: Stage, cast: Cast) -> Iterator[datetime]:
    """A tool that nobody could name gets its name, and lists are kept for everybody."""
    yield stage.at(29, "16:00")
    stage.keep_list(cast.it, "High access, no owner", "grade=high&ownership=unowned&sort=-people")
    yield stage.at(23, "11:45")
    stage.keep_list(
        cast.operations, "Paid for, not decided on", "audience=marketing&governance=unreviewed&sort=-spend"
    )
    yield stage.at(13, "13:35")
    stage.name(
        cast.operations,
        "Zephyrquill",
        "zephyrquill.app",
        "Our quiz pages are made with it.",
    )


THREADS = (
    mailchimp,
    supermetrics,
    wistia,
    klaviyo,
    litmus,
    jotform,
    buying,
    owners,
    contracts,
    tidying,
)
