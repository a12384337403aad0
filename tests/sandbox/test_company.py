"""The simulated company itself: who is there, what they use and what they paid."""

from collections import Counter
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from app.sandbox.charges import CARD_CHARGES, months_back, rate
from app.sandbox.company import Company, build_company
from app.sandbox.people import DOMAIN, ascii_letters
from app.sandbox.tools import PAID, Via, merchants, tools
from app.spend.charges import Charge
from app.spend.periods import Period
from app.spend.recurrence import subscriptions


def test_people_are_many_and_of_every_kind(company: Company) -> None:
    kinds = Counter(p.kind for p in company.people)
    assert 1150 <= len(company.people) <= 1300
    assert kinds["contractor"] > 20
    assert kinds["guest"] > 10
    assert kinds["service"] > 5
    departments = Counter(p.department for p in company.people)
    assert departments["marketing"] > 120
    others = {"sales", "eng", "finance", "people", "support", "product", "it", "legal", "operations"}
    assert others <= set(departments)
    assert len({p.email for p in company.people}) == len(company.people)
    assert all(p.email.endswith(f"@{DOMAIN}") for p in company.people if p.kind != "guest")
    assert not any(p.email.endswith(f"@{DOMAIN}") for p in company.people if p.kind == "guest")


def test_names_from_many_cultures_become_plain_addresses(company: Company) -> None:
    assert ascii_letters("Jürgen Müller-Weiß") == "juergenmuellerweiss"
    assert ascii_letters("Søren Łukasz Yılmaz") == "sorenlukaszyilmaz"
    assert sum(not p.name.isascii() for p in company.people) > 100
    assert all(p.email.isascii() for p in company.people)


def test_every_manager_works_there_and_nobody_is_their_own(company: Company) -> None:
    for person in company.people:
        if person.manager:
            assert person.manager != person.email
            assert company.by_email[person.manager].works


def test_some_leavers_were_forgotten(company: Company) -> None:
    gone = [p for p in company.people if not p.works]
    assert 30 < len(gone) < 120
    assert 3 <= sum(p.forgotten for p in gone) < len(gone) / 2
    assert all(p.left and p.hired < p.left < company.as_of for p in gone)


def test_the_catalogue_is_as_large_and_mixed_as_promised() -> None:
    kinds = Counter((t.marketing, t.managed, t.known) for t in tools())
    assert 80 <= sum(t.marketing and not t.managed and t.known and t.active for t in tools()) <= 95
    assert kinds[True, True, True] == 10
    assert 55 <= kinds[False, True, True] <= 65
    assert 18 <= kinds[False, False, True] <= 24
    assert kinds[True, False, False] + kinds[False, False, False] == 10
    assert len({t.key for t in tools()}) == len(tools())
    domains = Counter(d for t in tools() for d in t.domains)
    assert max(domains.values()) == 1
    assert {use.via for t in tools() for use in t.uses} == set(Via)


def test_most_tools_are_written_in_some_other_way_than_their_own_somewhere() -> None:
    spelt = [any(use.name != t.name for use in t.uses) for t in tools()]
    assert sum(spelt) / len(spelt) > 0.85


def test_everything_in_use_is_used_by_somebody_who_can(company: Company) -> None:
    for adoption in company.adoptions:
        assert adoption.people, (adoption.tool.key, adoption.use.via)
        for person, since in zip(adoption.people, adoption.since, strict=True):
            assert since < company.as_of
            if adoption.use.via in {Via.OKTA_SSO, Via.OKTA_LINK}:
                assert person.in_okta
            if adoption.use.via is Via.GOOGLE:
                assert person.in_google
            if adoption.use.via is Via.RAMP:
                assert person.in_ramp


def test_unknown_marketing_tools_are_used_by_marketing_only(company: Company) -> None:
    unknown = [a for a in company.adoptions if not a.tool.known and a.tool.marketing]
    assert unknown
    assert {p.department for a in unknown for p in a.people} == {"marketing"}


def test_money_is_nine_thousand_card_charges_most_of_them_no_software(company: Company) -> None:
    cards = [c for c in company.charges if c.via is Via.RAMP]
    assert len(cards) == CARD_CHARGES
    assert sum(not c.tool for c in cards) > 6000
    assert {c.state for c in cards} == {"posted", "pending", "declined", "refund"}
    assert len({c.key for c in company.charges}) == len(company.charges)
    first = company.as_of - timedelta(days=366)
    assert all(first <= c.day < company.as_of for c in company.charges)


def test_every_paid_tool_is_paid(company: Company) -> None:
    paid = {(c.tool, c.via) for c in company.charges if c.tool}
    assert paid == {(a.tool.key, a.use.via) for a in company.adoptions if a.use.via in PAID}


def test_active_tools_were_paid_lately_and_dormant_ones_were_not(company: Company) -> None:
    edge = company.as_of - timedelta(days=90)
    last = {
        (c.tool, c.via): max(d.day for d in company.charges if (d.tool, d.via) == (c.tool, c.via))
        for c in {(c.tool, c.via): c for c in company.charges if c.tool}.values()
    }
    for adoption in (a for a in company.adoptions if a.use.via in PAID):
        newest = last[adoption.tool.key, adoption.use.via]
        if adoption.use.renews_in_days:  # paid by the year, most of a year ago, and used all the time
            assert any(not use.ended_days_ago and use.via not in PAID for use in adoption.tool.uses)
            continue
        assert (newest < edge) == bool(adoption.use.ended_days_ago), adoption.tool.key
        if adoption.use.ended_days_ago:
            assert not adoption.tool.active
            assert len(adoption.tool.uses) == 1
    assert sum(not t.active for t in tools()) >= 8


def test_some_contracts_renew_within_two_months_and_some_prices_rose(company: Company) -> None:
    by_tool: dict[str, list[Charge]] = {}
    for c in company.charges:
        if c.tool:
            text = "Annual subscription" if c.via is Via.RAMP_BILL else ""  # as Ramp's bills say
            charge = Charge(c.day, c.amount_minor, c.currency, state=c.state, ref=c.key, text=text)
            charge = replace(charge, asked_minor=c.original_minor, asked_currency=c.original_currency)
            by_tool.setdefault(c.tool, []).append(charge)
    found = {key: subscriptions(charges) for key, charges in by_tool.items()}
    soon = company.as_of + timedelta(days=60)
    renewing = {
        key
        for key, some in found.items()
        for s in some
        if s.period is Period.YEARLY and s.next_on is not None and company.as_of <= s.next_on <= soon
    }
    assert renewing == {"on24", "muckrack", "salesforce"}
    assert any(s.rises for some in found.values() for s in some)


def test_a_renamed_vendor_has_its_old_name_first_and_its_new_name_last(company: Company) -> None:
    names = [c.merchant for c in company.charges if c.tool == "xads"]
    assert set(names) == {"Twitter Ads", "X Ads"}
    assert names == sorted(names)  # T before X: no old name after the new one


def test_refunds_point_at_a_charge_of_at_least_their_amount(company: Company) -> None:
    by_key = {c.key: c for c in company.charges}
    refunds = [c for c in company.charges if c.state == "refund"]
    assert len(refunds) > 10
    for refund in refunds:
        charge = by_key[refund.refund_of]
        assert refund.amount_minor < 0 < charge.amount_minor
        assert -refund.amount_minor <= charge.amount_minor
        assert refund.day > charge.day


def test_pending_charges_are_issued_again_under_a_new_key(company: Company) -> None:
    by_key = {c.key: c for c in company.charges}
    again = [c for c in company.charges if c.replaces]
    assert len(again) >= 5
    for charge in again:
        hold = by_key[charge.replaces]
        assert (hold.state, hold.amount_minor, hold.tool) == ("pending", charge.amount_minor, charge.tool)


def test_every_merchant_trap_is_planted(company: Company) -> None:
    planted = Counter(c.descriptor for c in company.charges if c.trap)
    for trap in merchants().traps:
        assert planted[trap.descriptor] == trap.times + (trap.kind == "refunded charge")


def test_the_refunded_trap_nets_to_nothing_and_the_declined_one_never_posted(company: Company) -> None:
    refunded = [c for c in company.charges if c.trap == "refunded charge"]
    assert sum(c.amount_minor for c in refunded) == 0
    assert {c.state for c in company.charges if c.trap == "declined charge"} == {"declined"}


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (date(2026, 3, 31), [date(2026, 3, 31), date(2026, 2, 28), date(2026, 1, 31), date(2025, 12, 31)]),
        (date(2024, 3, 30), [date(2024, 3, 30), date(2024, 2, 29), date(2024, 1, 30), date(2023, 12, 30)]),
        (date(2026, 2, 5), [date(2026, 2, 5), date(2026, 1, 5), date(2025, 12, 5), date(2025, 11, 5)]),
    ],
)
def test_months_back_ends_short_months_on_their_last_day(last: date, expected: list[date]) -> None:
    assert months_back(last, 4) == expected


def test_a_price_in_euros_drifts_in_dollars_by_a_few_percent() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    rates = [rate("EUR", "USD", d) for d in days]
    assert 1.04 < min(rates) / 1.09 * 1.09 < max(rates) < 1.14
    assert rate("EUR", "EUR", days[0]) == 1.0


def test_another_seed_makes_other_people_of_the_same_tools() -> None:
    one, other = build_company(as_of=date(2026, 6, 1)), build_company(8, as_of=date(2026, 6, 1))
    assert one == build_company(7, as_of=date(2026, 6, 1))
    assert {p.email for p in one.people} != {p.email for p in other.people}
    assert one.tools == other.tools
