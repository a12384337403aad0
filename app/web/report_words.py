"""What the joint report calls the scoreboard's numbers. Pure; marked texts."""

from app.language import N_
from app.reviews.measures import Number

TIMES = {
    Number.FLAGGED: N_("Until it was seen as a marketing tool"),
    Number.CLAIMED: N_("Until somebody claimed it"),
    Number.DECIDED: N_("Until both sides decided"),
}
SHARES = {
    Number.CLAIMED_SHARE: N_("Have an owner"),
    Number.JOINTLY_DECIDED: N_("Decided on by both sides"),
    Number.BOUGHT_UNDECIDED: N_("Paid for before anybody decided"),
    Number.APPROVED_ALONE: N_("Let in by one side alone"),
    Number.ONE_SIDE: N_("Have only one side present"),
    Number.UNREVIEWED_SPEND: N_("Cost money and are not decided on"),
}
OF = {
    Number.CLAIMED_SHARE: N_("of the marketing tools in use"),
    Number.JOINTLY_DECIDED: N_("of the marketing tools in use"),
    Number.BOUGHT_UNDECIDED: N_("of the marketing tools paid for in this time"),
    Number.APPROVED_ALONE: N_("of those let in or decided on in this time"),
    Number.ONE_SIDE: N_("of the marketing tools with an owner or a steward"),
    Number.UNREVIEWED_SPEND: N_("of those that cost something in 12 months"),
}
PERIODS = {"1": N_("1 month"), "3": N_("3 months"), "6": N_("6 months"), "12": N_("12 months")}
