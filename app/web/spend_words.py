"""What the pages of spend call things. Pure; marked texts, translated where they are shown."""

from app.language import N_

PER = {
    "monthly": N_("a month"),
    "quarterly": N_("a quarter"),
    "yearly": N_("a year"),
    "once": N_("once"),
}
AUDIENCE = {"marketing": N_("Marketing tools"), "all": N_("All tools")}
MONTHS = {"12": N_("12 months"), "24": N_("24 months")}
FIELDS = {
    "vendor_ref": N_("What the vendor calls it"),
    "starts_on": N_("First day"),
    "ends_on": N_("Last day"),
    "renews_on": N_("Renews on"),
    "term_months": N_("Renews for, in months"),
    "notice_days": N_("Notice, in days"),
    "auto_renews": N_("Goes on by itself"),
    "amount_minor": N_("Price"),
    "currency": N_("Currency"),
    "per": N_("The price is for"),
    "seats": N_("Seats"),
    "note": N_("Note"),
}
"""A contract's fields, as its form names them."""
