"""Every text of the pages can be translated, and German is there in full."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from app.language import catalogs
from tests.support import wording

LANGUAGES = [code for code in catalogs.LANGUAGES if code != "en"]
_HOLES = re.compile(r"%\((\w+)\)[sd]|%[sd]")


@pytest.mark.parametrize("template", sorted(wording.TEMPLATES.glob("*.html")), ids=lambda path: path.stem)
def test_no_text_of_a_template_is_out_of_a_translations_reach(template: Path) -> None:
    assert wording.untranslated(template) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello there</p>", ["Hello there"]),
        ("<p>{% trans %}Hello there{% endtrans %}</p>", []),
        ('<input placeholder="Your name">', ["Your name"]),
        ('<input placeholder="{{ _("Your name") }}" class="wide one">', []),
        ('{{ "Yes" if x else _("No") }}', ['"Yes"']),
        ("<a href='/x'\n  {% if here %}aria-current=\"page\"{% endif %}>{{ name }}</a> · ", []),
        ("{% block body_class %}narrow{% endblock %}<h1>Late</h1>", ["Late"]),
        ("<code>penumbra scan</code>", []),
    ],
)
def test_the_lint_sees_what_people_read(tmp_path: Path, source: str, found: list[str]) -> None:
    path = tmp_path / "some.html"
    path.write_text(source)
    assert [line.split(": ", 1)[1] for line in wording.untranslated(path)] == found


@pytest.mark.parametrize("module", wording.speaking(), ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_what_a_page_may_refuse_with_is_marked(module: Path) -> None:
    assert wording.unspoken(module) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise NotFound("There is none.")', ["'There is none.'"]),
        ('raise NotFound(_("There is none."))', []),
        ('raise NotFound(f"There is no {thing}.")', ["f'There is no {thing}.'"]),
        ('raise Conflict(_("Yes.") if x else "No, not.")', ["'No, not.'"]),
        ('raise Conflict("It is " + name)', ["'It is '"]),
        ('raise Invalid(error.message, fields=[FieldError("day", "is past")])', ["'is past'"]),
        ('raise ValueError("a programmer reads this")', []),
    ],
)
def test_the_lint_sees_what_is_refused_in_english_alone(
    tmp_path: Path, source: str, found: list[str]
) -> None:
    path = tmp_path / "some.py"
    path.write_text(source)
    assert [line.split(": ", 1)[1] for line in wording.unspoken(path)] == found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_there_in_full(language: str) -> None:
    held, said = wording.of(language), wording.extracted()
    missing = [m.id for m in said if m.id and not _whole(held.get(m.id, m.context))]
    assert missing == [], "run: python -m tests.support.wording"
    unused = [m.id for m in held if m.id and said.get(m.id, m.context) is None]
    assert unused == []


def _whole(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    return all(message.string) if isinstance(message.string, (list, tuple)) else bool(message.string)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_holes_for_names_and_numbers(language: str) -> None:
    for message in wording.of(language):
        if not message.id:
            continue
        said = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
        told = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
        holes = {hole for text in told for hole in _HOLES.findall(text)}
        for text in said:
            assert set(_HOLES.findall(text)) == holes, (message.id, text)
