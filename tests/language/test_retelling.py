"""What is stored in English is told in the reader's language, by the text it was made from."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identify import describe_scope
from app.language import _, count, figure, lasting, listing, retold, spoken
from app.language.catalogs import lasting_texts


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("It is a marketing tool.", "Es ist ein Marketing-Tool."),
        ("It is in use (last seen 05 March 2026).", "Es ist im Einsatz (zuletzt gesehen am 5. März 2026)."),
        (
            "Seen in Okta, Google and Ramp, where nothing says that IT set it up.",
            "Gesehen in Okta, Google und Ramp; nichts dort sagt, dass die IT es eingerichtet hat.",
        ),
        (
            "It is booked as “Ads” and “SEO”, a marketing expense.",
            "Es wird als „Ads“ und „SEO“ verbucht, eine Marketing-Ausgabe.",
        ),
        (
            "1,234 of the 2,000 people who use it work in marketing teams.",
            "1.234 der 2.000 Personen, die es nutzen, arbeiten in Marketing-Teams.",
        ),
        (
            "It cost 1,234.50 EUR in 90 days, over 1,000.00 EUR.",
            "Es kostete 1.234,50 EUR in 90 Tagen, über 1.000,00 EUR.",
        ),
        (
            "Not shadow: complete scans no longer see it.",
            "Nicht ohne IT genutzt: Vollständige Durchläufe sehen es nicht mehr.",
        ),
        (
            "Read completely. One record could not be read and was left out; the scan shows it with the "
            "reason.",
            "Vollständig gelesen. Ein Eintrag ließ sich nicht lesen und wurde ausgelassen; der Durchlauf "
            "zeigt ihn mit dem Grund.",
        ),
        (
            "Recognised as HubSpot: “HUBSPOT INC” begins the way HubSpot charges appear on card statements.",
            "Erkannt als HubSpot: „HUBSPOT INC“ beginnt so, wie HubSpot auf Kartenabrechnungen erscheint.",
        ),
        (
            "acme.okta.com refuses the credential: renew it and check the source again.",
            "acme.okta.com weist die Zugangsdaten zurück: bitte erneuern und die Quelle noch einmal prüfen.",
        ),
        (
            "Since the decision it may also read all your files, and 4 more things.",
            "Seit der Entscheidung darf es auch: alle Ihre Dateien lesen, und 4 weitere Sachen.",
        ),
        ("It is in review. It is unowned.", "Es ist in Prüfung. Es ist ohne verantwortliche Person."),
        ("Its category is CE-EMAIL.", "Die Kategorie ist CE-EMAIL."),
        ("Its category is finance.", "Die Kategorie ist Finanzen."),
    ],
)
def test_a_stored_sentence_is_told_in_german_with_what_stands_in_it(stored: str, told: str) -> None:
    with spoken("de"):
        assert retold(stored) == told
    assert retold(stored) == stored, "English stays as it is"


def test_a_permission_is_told_from_its_parts() -> None:
    told = {
        "https://www.googleapis.com/auth/gmail.send": "E-Mails in Ihrem Namen senden",
        "Mail.ReadWrite.All": "Ihre E-Mails und die aller anderen lesen und ändern",
        "okta.users.manage": "Benutzerkonten in Okta ändern",
        "https://made.up/x": "etwas, wofür es hier noch keine Worte gibt („https://made.up/x“)",
    }
    with spoken("de"):
        assert {scope: retold(describe_scope(scope).words) for scope in told} == told


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Smith and Sons",
        "My own words stay. Really, they do.",
        "It is 31 February 2026 somewhere",
        "100 % of %(name)s",
        "It is harmless as it stands.",
        "It is harmless as it stands",
        "It is over the hill.",
        "Its category is wrong.",
        "Its evidence is thin. Its audience is our own team.",
        "The gravest of its permissions is graded too low.",
        "Read this first",
        "read this first",
        "contract signed with them in May",
        "Our list is long.",
        "By Friday, everybody leaves.",
        "Through the back door.",
        "Each was a surprise.",
        "x" * 5000,
    ],
)
def test_what_is_nobodys_stored_sentence_stays_as_it_is(words: str) -> None:
    with spoken("de"):
        assert retold(words) == words


@pytest.mark.parametrize(
    "words",
    [
        "lanes.|.|.signers.|: '|' is neither the role '" * 20,
        "It is listed under “a” in the knowledge base, " * 20,
        "x ends in 3 days, on " * 40,
        "read " + "all of " * 40 + "x" + " and everyone else's" * 17,
        "over " * 150,
        "Not shadow: " * 60,
        "Seen in " + "a, " * 200,
        "A b. " * 120,
    ],
)
def test_hostile_text_costs_next_to_nothing(words: str) -> None:
    with spoken("de"):
        retold("It is a marketing tool, for once.")  # the patterns are made once
        before = time.process_time()
        retold(words[:600])
        assert time.process_time() - before < 0.3


def test_a_closed_hole_takes_only_what_we_say_ourselves() -> None:
    kept = {text for text in lasting_texts("de") if "_word)s" in text}
    assert "It is %(governance_word)s." in kept
    with spoken("de"):
        for text in kept:
            if text.count("%(") == 1 and not text.startswith("%("):
                words = re.sub(r"%\(\w+\)s", "what nobody ever stored", text)
                assert retold(words) == words


@given(st.text(max_size=300))
def test_any_text_is_told_without_an_error(words: str) -> None:
    with spoken("de"):
        assert isinstance(retold(words), str)


def test_every_stored_text_without_holes_is_recognised() -> None:
    with spoken("de"):
        for text, told in lasting_texts("de").items():
            if "%(" not in text:
                assert retold(text.replace("%%", "%")) == told.replace("%%", "%")


def test_what_lasts_is_english_whoever_causes_it() -> None:
    with spoken("de"):
        assert lasting("%(n)s groups", n=3) == "3 groups"
        assert _("There is no tool %(tool_id)s.", tool_id=7) == "Es gibt kein Tool 7."
        assert count(1200, "%(num)s tool", "%(num)s tools") == "1.200 Tools"
        assert listing(["a", "b", "c"]) == "a, b und c"
    assert _("There is no tool %(tool_id)s.", tool_id=7) == "There is no tool 7."
    assert (figure(1200), count(1, "%(num)s tool", "%(num)s tools")) == ("1,200", "1 tool")
