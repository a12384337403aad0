"""The pages of reviews without a browser: who may do what, what is kept, what is escaped, what is ended."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app import models
from app.db import reading, writing
from tests.reviews.support import with_arbiters
from tests.web.review_table import Client, Table, all_fine, send, shown
from tests.web.test_pages import form_secret

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def table(app: FastAPI, engine: Engine) -> AsyncIterator[Table]:
    made = Table(app, engine)
    yield made
    for client in made.open:
        await client.aclose()


async def test_a_review_starts_from_a_tool_by_a_person_of_a_side(table: Table) -> None:
    tool = table.company.hubspot
    ida = await table.browser("ida")
    page = await shown(ida, f"/tools/{tool}/review")
    assert "The policy suggests the full lane" in page
    secret = {"form_secret": form_secret(page)}
    # The button on the tool's page sends no reason: the form asks for one.
    asked = await ida.post(f"/tools/{tool}/review", data=secret)
    assert (asked.status_code, asked.headers["location"]) == (303, f"/tools/{tool}/review")
    assert (
        await ida.post(f"/tools/{tool}/review", data={"need": "x", "form_secret": "x"})
    ).status_code == 403
    review = await table.start(ida, tool, "To write <b>letters</b>")
    assert "To write &lt;b&gt;letters&lt;/b&gt;" in await shown(ida, review)
    # There is one open review a tool: whoever starts another is led to it.
    assert (await ida.get(f"/tools/{tool}/review")).headers["location"] == review
    again = await ida.post(f"/tools/{tool}/review", data={**secret, "need": "Me too"})
    assert (again.status_code, again.headers["location"]) == (303, review)
    for who in ("rita", "ada", "a service"):
        client = await table.browser(who)
        page = await shown(client, f"/tools/{table.company.canva}/review")
        assert "Start the review</button>" not in page
        form = {"need": "x", "form_secret": form_secret(page)}
        assert (await client.post(f"/tools/{table.company.canva}/review", data=form)).status_code == 403
    assert (await ida.get("/tools/987654/review")).status_code == 404
    assert (await ida.get("/reviews/987654")).status_code == 404


async def test_a_review_starts_without_a_reason_too(table: Table) -> None:
    tool = table.company.hubspot
    ida = await table.browser("ida")
    page = await shown(ida, f"/tools/{tool}/review")
    box = page.split('<textarea id="need"')[0].rsplit("<form", 1)[1]  # the fields that the browser sends
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', box))
    started = await ida.post(f"/tools/{tool}/review", data={**sent, "need": ""})
    assert started.status_code == 303
    assert started.headers["location"].startswith("/reviews/")
    assert "Both sides have been told" in await shown(ida, started.headers["location"])


async def test_each_sees_what_is_theirs_to_do(table: Table) -> None:
    ida = await table.browser("ida")
    review = await table.start(ida, table.company.hubspot)
    wanted = {"ida": "Say what IT finds", "mara": "Say what marketing finds", "bo": "Say what IT finds"}
    for who in ("ida", "mara", "bo", "rita", "ada", "a service"):
        client = await table.browser(who)
        page = await shown(client, review)
        assert (wanted.get(who, "—no turn—") in page) is (who in wanted), who
        assert (f'action="{review}/comment"' in page) is (who in wanted), who
        assert ("Only people decide" in page) is (who == "a service")
        if who not in wanted:
            refused = await send(client, review, "comment", text="Let me in")
            assert refused.status_code == 403
            assert "Nothing was sent yet." in refused.text
    assert (await send(ida, review, "nonsense")).status_code == 404


async def test_the_one_who_sits_on_both_sides_says_for_which(table: Table) -> None:
    ida = await table.browser("ida")
    review = await table.start(ida, table.company.canva)
    bo = await table.browser("bo")
    other = await table.browser("bo as marketing")
    for client in (bo, other):
        assert (
            await send(client, review, "assess", **all_fine(await shown(client, review)))
        ).status_code == 303
    assert (await send(bo, review, "propose", outcome="sanctioned", rationale="So.")).status_code == 303
    number = re.search(r'name="proposal" value="(\d+)"', await shown(bo, review))
    assert number
    form = {"proposal": number[1], "rationale": "Yes."}
    assert (await send(bo, review, "sign", **form)).status_code == 303
    refused = await send(other, review, "sign", **form)
    assert (refused.status_code, "another person" in refused.text) == (403, True)
    assert "it is decided" not in refused.text


async def test_what_was_written_is_kept_when_something_happened_meanwhile(table: Table) -> None:
    ida, mara = await table.browser("ida"), await table.browser("mara")
    review = await table.start(ida, table.company.hubspot)
    assert (await send(mara, review, "comment", text="First.")).status_code == 303
    late = await send(
        ida,
        review,
        "assess",
        1,
        form="turn-it",
        **{"verdict.security": "concern", "notes.security": "It <reads> mail."},
    )
    assert late.status_code == 412
    assert "What you wrote is still here" in late.text
    assert "It &lt;reads&gt; mail." in late.text
    assert re.search(r'name="verdict.security" value="concern" checked', late.text)
    assert "First." in late.text, "what is new is there to read"
    version = re.search(r'name="version" value="(\d+)"', late.text)
    assert version
    assert version[1] == "2", "it can be sent again at once"
    assert late.text.count("data-given-back") == 1
    assert "this is what you wrote, to be copied" not in late.text


async def test_what_was_filled_in_is_told_when_its_form_is_gone(table: Table) -> None:
    ida, mara = await table.browser("ida"), await table.browser("mara")
    review = await table.start(ida, table.company.hubspot)
    page = await shown(ida, review)
    evidence = re.search(r'name="evidence.security" value="(grant:\d+)"', page)
    assert evidence
    for client in (ida, mara):
        assert (await send(client, review, "withdraw", reason="Not needed.")).status_code == 303
    late = await send(
        ida,
        review,
        "assess",
        1,
        form="turn-it",
        **{
            "verdict.security": "concern",
            "notes.security": "It <reads> mail.",
            "evidence.security": evidence[1],
            "links.security": " ",
        },
    )
    assert late.status_code == 412
    assert "data-given-back" not in late.text
    told = re.findall(r"<li class=\"spoken\">(.*?)</li>", late.text, re.DOTALL)
    assert [" ".join(line.split()) for line in told][:2] == [
        "Security, What you found: A concern",
        "Security, Notes: It &lt;reads&gt; mail.",
    ]
    assert len(told) == 3
    assert "may read" in told[2]
    gone = await send(ida, review, "propose", 1, outcome="retire", sign="1", rationale="Over.")
    assert "Outcome:" in gone.text
    assert "at once: ticked" in " ".join(gone.text.split())


@pytest.mark.parametrize(
    ("verb", "fields", "said"),
    [
        ("assess", {}, "choose what you found for at least one item"),
        ("assess", {"notes.security": "So"}, "Security, What you found: say what you found."),
        ("assess", {"verdict.security": "nice"}, "Security, What you found"),
        (
            "assess",
            {"verdict.security": "ok", "links.security": "http://x"},
            "Security, Links: give an address",
        ),
        (
            "assess",
            {"verdict.security": "ok", "evidence.security": "grant:999"},
            "attach evidence of this tool",
        ),
        ("assess", {"verdict.security": "ok", "evidence.security": "pet:1"}, "Security, Evidence"),
        ("ask", {"to": "marketing", "text": "  "}, "Your words: write at least one word"),
        ("attach", {"link": "javascript:alert(1)", "title": "x"}, "Address: give an address that begins"),
        ("answer", {"question": "77", "text": "x"}, "There is no question 77"),
        ("propose", {"rationale": "x"}, "Choose an outcome"),
        ("propose", {"outcome": "sanctioned"}, "Why: say in a sentence why"),
        (
            "propose",
            {"outcome": "provisional", "expires": "soon", "rationale": "x"},
            "Holds until: choose a day",
        ),
        (
            "propose",
            {"outcome": "provisional", "expires": "2026-01-01", "rationale": "x"},
            "must end on a day to come",
        ),
        (
            "propose",
            {"outcome": "provisional", "expires": "2027-01-01", "rationale": "x", "spend_cap": "1.2.3"},
            "Spends no more than: write an amount",
        ),
        (
            "propose",
            {"outcome": "provisional", "expires": "2027-01-01", "rationale": "x", "people_cap": "many"},
            "Used by no more than: write a number",
        ),
        (
            "propose",
            {"outcome": "migrate", "migrate_by": "2027-01-01", "rationale": "x"},
            "Move to: choose the tool",
        ),
        ("propose", {"outcome": "retire", "retire_by": "2027-01-01", "rationale": "x"}, "Plan: say how"),
        ("propose", {"outcome": "dismissed", "rationale": "x"}, "say why it is not for you"),
        (
            "propose",
            {"outcome": "sanctioned_with_conditions", "rationale": "x"},
            "Condition 1: say what is promised",
        ),
        ("sign", {"proposal": "1", "rationale": "x"}, "Nothing was proposed yet"),
        ("dissent", {"rationale": "x"}, "Nothing was proposed yet"),
        ("unsign", {}, "key is not turned"),
        ("escalate", {"reason": "x"}, "Neither is so"),
        ("withdraw", {"reason": ""}, "Why: write at least one word"),
    ],
)
async def test_a_wrong_form_comes_back_with_what_is_wrong(
    table: Table, verb: str, fields: dict[str, str], said: str
) -> None:
    ida = await table.browser("ida")
    review = await table.start(ida, table.company.hubspot)
    answer = await send(ida, review, verb, **fields)
    assert answer.status_code in {409, 422}
    assert said in answer.text
    assert "Nothing was sent yet." in answer.text
    with reading(table.engine) as connection:
        assert connection.scalar(sa.select(models.reviews.c.version)) == 1


async def test_conditions_are_kept_by_the_one_side_and_let_off_by_the_other(table: Table) -> None:
    ids = table.ids
    terms = {
        "outcome": "sanctioned_with_conditions",
        **{"text.1": "SSO", "owner.1": f"it:{ids['ida']}", "due.1": "2026-12-24"},
        **{"text.2": "A list", "owner.2": f"marketing:{ids['mara']}", "due.2": "2026-12-01"},
    }
    ida, mara, review = await table.decide(table.company.hubspot, **terms)
    page = await shown(ida, review)
    assert f'action="{review}/conditions/1/keep"' in page
    assert f'action="{review}/conditions/2/waive"' in page
    assert f'action="{review}/conditions/2/keep"' not in page
    assert f'href="{review}/record"' in page
    board = await shown(ida, "/reviews")
    assert "2 promises are open" in board
    assert board.index("A list") < board.index("SSO"), "what is due first stands first"
    mine = await shown(ida, "/reviews?whose=mine")
    assert ("SSO" in mine, "A list" in mine) == (True, False)
    refused = await send(mara, review, "conditions/1/keep", note="")
    assert (refused.status_code, "person of IT" in refused.text) == (403, True)
    assert (await send(ida, review, "conditions/9/keep")).status_code == 422
    refused = await send(ida, review, "conditions/2/waive", reason=" ")
    assert (refused.status_code, "Why: write at least one word" in refused.text) == (422, True)
    assert (await send(ida, review, "conditions/1/keep", note="Done.")).status_code == 303
    assert (await send(ida, review, "conditions/2/waive", reason="No need.")).status_code == 303
    page = await shown(ida, review)
    assert page.count(">Kept<") == 1
    assert page.count(">Let off<") == 1
    assert "promises are open" not in await shown(ida, "/reviews")


async def test_access_is_ended_by_a_plan_that_each_side_confirms(table: Table) -> None:
    terms = {"outcome": "retire", "plan": "We stop.", "retire_by": "2026-12-24"}
    ida, mara, review = await table.decide(table.company.hubspot, **terms)
    page = await shown(mara, review)
    assert 'name="plan_due"' in page
    assert 'value="2026-12-24"' in page
    assert "Access is being ended" in await shown(ida, "/reviews")
    refused = await send(mara, review, "plan/make", plan_due="yesterday")
    assert (refused.status_code, "choose a day to come" in refused.text) == (422, True)
    assert (await send(mara, review, "plan/make", plan_due="2026-12-24")).status_code == 303
    page = await shown(mara, review)
    assert "Nothing has been ended yet." in page
    assert "Cancel what HUBSPOT INC is paid for" in page

    def plan_version(text: str) -> int:
        found = re.search(r'plan/(?:confirm|cancel)">.*?name="version" value="(\d+)"', text, re.DOTALL)
        assert found
        return int(found[1])

    early = await send(ida, review, "plan/steps/1/done", note="Did it.")
    assert (early.status_code, "Both sides must confirm" in early.text) == (409, True)
    for client in (mara, ida):
        at = plan_version(await shown(client, review))
        assert (await send(client, review, "plan/confirm", at)).status_code == 303
    assert f'action="{review}/plan/confirm"' not in await shown(mara, review)
    page = await shown(ida, review)
    steps = [int(n) for n in re.findall(rf'action="{review}/plan/steps/(\d+)/done"', page)]
    empty = await send(ida, review, f"plan/steps/{steps[0]}/done", note=" ")
    assert (empty.status_code, "say in a few words" in empty.text) == (422, True)
    # Nothing was allowed to be ended by Penumbra here, so people do all of it.
    busy = await send(ida, review, "plan/run")
    assert (busy.status_code, "may not end access" in busy.text) == (409, True)
    assert (await send(mara, review, "plan/run")).status_code == 403
    for number in steps:
        assert (await send(mara, review, f"plan/steps/{number}/done", note="Did it.")).status_code == 303
    with reading(table.engine) as connection:
        tool = sa.select(models.tools.c.governance).where(models.tools.c.id == table.company.hubspot)
        assert connection.scalar(tool) == "retired"
    assert "Access is being ended" not in await shown(ida, "/reviews")


async def test_what_each_side_proposed_stands_side_by_side(table: Table) -> None:
    ida, mara = await table.browser("ida"), await table.browser("mara")
    review = await table.start(ida, table.company.hubspot)
    cap = {"spend_cap": "1,200.50", "currency": "usd"}
    first = {"outcome": "provisional", "expires": "2027-01-31", "people_cap": "10", "rationale": "A season."}
    assert (await send(ida, review, "propose", **first)).status_code == 303
    assert (await send(mara, review, "propose", **first, **cap)).status_code == 303
    page = await shown(ida, review)
    table_ = page.split('<table class="plain beside">')[1].split("</table>")[0]
    assert "$1,200.50" in table_.replace("US$", "$")
    assert table_.count("differs") == 2, "the class and the word, of the one term that differs"
    assert table_.count("can be signed") == 1
    assert re.findall(r'<tr class="differs"><th scope="row">([^<]+?) <', table_) == ["Spends no more than"]
    assert (await send(mara, review, "dissent", rationale="Too long.")).status_code == 303
    assert "Somebody of this side is against the proposal." in await shown(ida, review)


async def test_the_board_has_columns_filters_and_a_search(table: Table) -> None:
    company = table.company
    ida = await table.browser("ida")
    empty = await shown(ida, "/reviews")
    assert "No review yet" in empty
    asked = await table.start(ida, company.github)
    assessed = await table.start(ida, company.hubspot)
    assert (await send(ida, assessed, "assess", **{"verdict.security": "ok"})).status_code == 303
    await table.decide(company.canva, outcome="dismissed", reason="No tool.")

    def column(page: str, name: str) -> str:
        return page.split(f'id="h-{name}"')[1].split("</section>", maxsplit=1)[0]

    page = await shown(ida, "/reviews")
    assert asked in column(page, "asked")
    assert assessed in column(page, "assessing")
    assert "h-late" not in page
    assert "Set aside" in page.split('id="decided"')[1]
    narrowed = await shown(ida, "/reviews?department=Engineering")
    assert "GitHub" in column(narrowed, "asked")
    assert "HubSpot" not in column(narrowed, "assessing")
    assert "HubSpot" not in column(await shown(ida, "/reviews?lane=fast"), "assessing")
    assert "HubSpot" in column(await shown(ida, "/reviews?side=it&column=assessing"), "assessing")
    assert "h-asked" not in await shown(ida, "/reviews?column=assessing")
    found = (await shown(ida, "/reviews?q=CANVA&outcome=dismissed")).split('id="decided"')[1]
    assert "Canva" in found
    assert "No decision fits" in await shown(ida, "/reviews?q=nothing%20such")
    assert "No decision fits" in await shown(ida, "/reviews?outcome=retire")
    for wrong in ("side=moon", "lane=x&late=1", "cursor=abc", "column=x&whose=y", "department=%20"):
        assert (await ida.get(f"/reviews?{wrong}")).status_code == 200


async def test_a_form_without_its_secret_or_login_does_nothing(table: Table, anonymous: Client) -> None:
    ida = await table.browser("ida")
    review = await table.start(ida, table.company.hubspot)
    for verb in (
        "comment",
        "propose",
        "sign",
        "conditions/1/keep",
        "plan/make",
        "plan/run",
        "plan/steps/1/done",
    ):
        form = {"version": "1", "text": "x", "form_secret": "x"}
        assert (await ida.post(f"{review}/{verb}", data=form)).status_code == 403, verb
        answer = await anonymous.post(f"{review}/{verb}", data=form)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login")


async def test_a_merged_tools_review_says_where_it_went(table: Table) -> None:
    company = table.company
    ida = await table.browser("ida")
    review = await table.start(ida, company.canva)
    with writing(table.engine) as connection:
        connection.execute(
            sa.update(models.tools)
            .where(models.tools.c.id == company.canva)
            .values(merged_into=company.hubspot)
        )
    page = await shown(ida, review)
    assert "merged into another one" in page
    assert f'href="/tools/{company.hubspot}"' in page
    assert f'action="{review}/propose"' not in page
    there = await ida.get(f"/tools/{company.canva}/review")
    assert there.headers["location"] == f"/tools/{company.hubspot}/review"


async def test_what_keeps_a_key_from_turning_is_said_before_it_is_tried(table: Table) -> None:
    ida, mara = await table.browser("ida"), await table.browser("mara")
    review = await table.start(ida, table.company.canva)
    for client in (ida, mara):
        assert (
            await send(client, review, "assess", **all_fine(await shown(client, review)))
        ).status_code == 303
    assert (await send(ida, review, "propose", outcome="sanctioned", rationale="So.")).status_code == 303
    assert "Turn marketing’s key</button>" in await shown(mara, review)
    with writing(table.engine) as connection:
        connection.execute(sa.update(models.tools).values(ownership="unowned"))
    page = await shown(mara, review)
    assert "Nobody answers for this tool yet" in page
    assert "Turn marketing’s key</button>" not in page
    assert (await send(ida, review, "ask", to="marketing", text="Whose is it?")).status_code == 303
    page = await shown(ida, review)
    assert "asked something that is not answered yet" in page
    assert "Turn IT’s key</button>" not in page


async def test_in_a_deadlock_the_arbiters_are_asked_and_the_others_told(table: Table, app: FastAPI) -> None:
    ids = table.ids
    house = with_arbiters(it=(ids["bo"],), marketing=(ids["mara"],))
    app.state.penumbra = replace(app.state.penumbra, house=house)
    ida, mara, bo = [await table.browser(name) for name in ("ida", "mara", "bo")]
    review = await table.start(ida, table.company.hubspot)
    for client in (ida, mara):
        assert (
            await send(client, review, "assess", **all_fine(await shown(client, review)))
        ).status_code == 303
    proposed = {"outcome": "dismissed", "reason": "No tool.", "rationale": "So."}
    assert (await send(ida, review, "propose", **proposed)).status_code == 303
    for client in (ida, mara):
        assert (await send(client, review, "dissent", rationale="No.")).status_code == 303
    assert (await send(mara, review, "escalate", reason="We cannot.")).status_code == 303
    page = await shown(ida, review)
    assert "The arbiters decide now" in page
    assert "Turn IT’s key</button>" not in page
    assert "arbiter’s clock runs" in page
    assert f'action="{review}/comment"' in page
    board = await shown(ida, "/reviews")
    assert "With the arbiters" in board.split('id="h-late"')[1].split("</section>", maxsplit=1)[0]
    for client in (bo, mara):
        number = re.search(r'name="proposal" value="(\d+)"', await shown(client, review))
        assert number
        assert (
            await send(client, review, "sign", proposal=number[1], rationale="So be it.")
        ).status_code == 303
    assert "(arbiter)" in await shown(ida, review)
