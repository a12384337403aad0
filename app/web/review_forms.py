"""The forms of a review's page: what was typed, and what it asks of the review. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from app.errors import FieldError, Invalid, field_errors
from app.language import N_, _
from app.reviews import commands as ask
from app.reviews import schemas as body_of
from app.reviews.answers import ItemOut, ReviewOut
from app.reviews.words import Item, side_of
from app.web.review_words import ITEM
from app.web.typed import is_number, minor_of

MOST_PROMISES = 20
_LONGEST = 8000


@dataclass(frozen=True)
class SignWhatIsProposed:
    """Turn one's key on what was proposed with the same form."""

    rationale: str
    side: Any


Step = ask.Command | SignWhatIsProposed


class Form:
    """What was typed into a form.

    Args:
        fields: names and values in the order in which they were sent; a name may come several times.
    """

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in fields:
            clean = value.replace("\x00", " ").replace("\r\n", "\n")[:_LONGEST]
            self._values.setdefault(name, []).append(clean)

    def one(self, name: str, otherwise: str = "") -> str:
        """The first value of a field."""
        return self._values.get(name, [otherwise])[0]

    def many(self, name: str) -> list[str]:
        """All values of a field."""
        return self._values.get(name, [])

    def has(self, name: str) -> bool:
        """Whether a field was sent at all."""
        return name in self._values

    def number(self, name: str) -> int | None:
        """A whole number; None where there is none."""
        text = self.one(name).strip()
        return int(text) if is_number(text) and len(text) < 16 else None

    @property
    def side(self) -> str | None:
        """For which side somebody speaks, if the form says so."""
        return self.one("side") or None

    def filled(self) -> list[tuple[str, str]]:
        """What a person put into it, field by field; an empty field is left out, and what the page put in."""
        named = ((name, value) for name, values in self._values.items() for value in values)
        return [(name, value) for name, value in named if name not in _OF_THE_PAGE and value.strip()]

    def promises(self) -> int:
        """How many rows of conditions the form has."""
        numbers = [int(n) for key in self._values if (n := key.partition(".")[2]) and is_number(n)]
        return min(max(numbers, default=0), MOST_PROMISES)


_OF_THE_PAGE = frozenset(
    ("form_secret", "version", "form", "then", "more", "side", "to", "question", "proposal", "currency")
)
_LABELS = {
    "verdict": N_("What you found"),
    "notes": N_("Notes"),
    "evidence": N_("Evidence"),
    "links": N_("Links"),
    "link": N_("Address"),
    "title": N_("What it is"),
    "text": N_("Your words"),
    "rationale": N_("Why"),
    "reason": N_("Why"),
    "note": N_("Note"),
    "outcome": N_("Outcome"),
    "conditions": N_("Conditions"),
    "sign": N_("Turn my side’s key on it at once"),
    "plan_due": N_("By when people do their part"),
    "owner": N_("Who promises it"),
    "due": N_("By when"),
    "expires": N_("Holds until"),
    "spend_cap": N_("Spends no more than"),
    "people_cap": N_("Used by no more than"),
    "to_tool_id": N_("Move to"),
    "migrate_by": N_("Everybody has moved by"),
    "plan": N_("Plan"),
    "retire_by": N_("Not used any more after"),
    "side": N_("For which side you speak"),
    "question": N_("Question"),
    "proposal": N_("Proposal"),
    "need": N_("What it is needed for"),
}
_SENTENCES = {
    "string_too_short": N_("write at least one word."),
    "value_error": N_("write at least one word."),
    "string_too_long": N_("this is too long."),
    "missing": N_("this is missing."),
}


def label_of(field: str) -> str:
    """A field of a form as people know it: `notes.security` is “Security, Notes”."""
    name, _dot, rest = field.partition(".")
    if name == "text" and is_number(rest):
        return _("Condition %(number)s") % {"number": rest}
    label = _(_LABELS.get(name, N_("Something")))
    if rest in ITEM:
        return _("%(item)s, %(field)s") % {"item": _(ITEM[rest]), "field": label}
    return (
        _("Condition %(number)s, %(field)s") % {"number": rest, "field": label} if is_number(rest) else label
    )


def _made(model: type[BaseModel], values: Mapping[str, Any], names: Mapping[str, str] | None = None) -> Any:
    """The command of a body.

    Args:
        model: of the body, which has `command`.
        values: its values.
        names: which field of the form a value came from, where it is another.

    Raises:
        Invalid: names each field of the form that is wrong.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults: list[FieldError] = []
        for one in error.errors(include_url=False, include_context=False):
            field = str(one["loc"][0]) if one["loc"] else "side"
            said = _SENTENCES.get(one["type"])
            message = (
                field_errors([one])[0].message if said is None or field in {"link", "links"} else _(said)
            )
            if field in {"link", "links"}:
                message = _("give an address that begins with https://, without a name or password in it.")
            faults.append(FieldError((names or {}).get(field, field), message))
        raise Invalid(_("Something is missing, or cannot be right."), fields=faults) from error


def commands_of(verb: str, form: Form, review: ReviewOut) -> Sequence[Step]:
    """What a form asks of a review, to be done in turn.

    Raises:
        Invalid: names each field that is wrong.
    """
    return _FORMS[verb](form, review)


def _assess(form: Form, review: ReviewOut) -> Sequence[Step]:
    found: list[Step] = []
    faults: list[FieldError] = []
    items = {i.item: i for side in review.sides for i in side.items}
    for item in Item:
        if item not in items or not form.has(f"verdict.{item.value}"):
            if form.one(f"notes.{item.value}").strip() and item in items:
                faults.append(FieldError(f"verdict.{item.value}", _("say what you found.")))
            continue
        try:
            command = _assessed(form, item, items[item])
        except Invalid as error:
            faults += error.fields
        else:
            found += [command] if command else []
    if faults:
        raise Invalid(_("Something is missing, or cannot be right."), fields=faults)
    if form.one("then") == "sign":
        if not form.side and found and isinstance(found[0], ask.Assess):
            return [*found, *_sign(form, review, side=side_of(found[0].item).value)]
        return [*found, *_sign(form, review)]
    if not found:
        raise Invalid(_("Nothing has changed: choose what you found for at least one item."))
    return found


def _assessed(form: Form, item: Item, known: ItemOut) -> ask.Command | None:
    """What was found about an item; None if that was said before."""
    at = item.value
    verdict, notes = form.one(f"verdict.{at}"), form.one(f"notes.{at}").strip()
    links = form.one(f"links.{at}").split()
    refs = [ref for ref in form.many(f"evidence.{at}") if ":" in ref]
    before = known.assessment
    if before is not None and (verdict, notes, links, sorted(refs)) == (
        before.verdict.value,
        before.notes,
        list(before.links),
        sorted(before.evidence),
    ):
        return None
    evidence = [
        {"kind": kind, "id": int(number) if is_number(number) else number}
        for kind, _colon, number in (ref.partition(":") for ref in refs)
    ]
    values = {"item": at, "verdict": verdict, "notes": notes, "links": links, "evidence": evidence}
    names = {field: f"{field}.{at}" for field in values}
    return _made(body_of.AssessIn, values, names).command()


def _sign(form: Form, _review: ReviewOut, *, side: str | None = None) -> Sequence[Step]:
    values = {
        "proposal": form.number("proposal"),
        "rationale": form.one("rationale"),
        "side": form.side or side,
    }
    return [_made(body_of.SignIn, values).command()]


def _propose(form: Form, _review: ReviewOut) -> Sequence[Step]:
    outcome = form.one("outcome")
    if outcome not in _TERMS:
        raise Invalid(_("Choose an outcome."), fields=[FieldError("outcome", _("choose one."))])
    faults: list[FieldError] = []
    terms = {"outcome": outcome, **_TERMS[outcome](form, faults)}
    if not form.one("rationale").strip():
        faults.append(FieldError("rationale", _("say in a sentence why.")))
    if faults:
        raise Invalid(_("Something is missing, or cannot be right."), fields=faults)
    values = {"terms": terms, "rationale": form.one("rationale"), "side": form.side}
    command = _made(body_of.ProposeIn, values, {"terms": "outcome"}).command()
    if form.one("sign"):
        return [command, SignWhatIsProposed(command.rationale, command.side)]
    return [command]


def _nothing(_form: Form, _faults: list[FieldError]) -> dict[str, Any]:
    return {}


def _promises(form: Form, faults: list[FieldError]) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    for n in range(1, MOST_PROMISES + 1):
        text, owner, due = (form.one(f"{name}.{n}").strip() for name in ("text", "owner", "due"))
        if not (text or owner or due):
            continue
        side, _colon, user = owner.partition(":")
        if not text:
            faults.append(FieldError(f"text.{n}", _("say what is promised.")))
        if not is_number(user):
            faults.append(FieldError(f"owner.{n}", _("choose who sees to it.")))
        _day(due, f"due.{n}", faults)
        found.append(
            {"side": side, "owner_user_id": int(user) if is_number(user) else 0, "text": text, "due": due}
        )
    if not found:
        faults.append(FieldError("text.1", _("say what is promised, by whom, and by when.")))
    return {"conditions": found}


def _provisional(form: Form, faults: list[FieldError]) -> dict[str, Any]:
    values: dict[str, Any] = {"expires": _day(form.one("expires"), "expires", faults)}
    if cap := form.one("spend_cap").strip():
        currency = form.one("currency").strip().upper()
        amount = minor_of(cap, currency)
        if not amount or len(currency) != 3 or not currency.isalpha():
            faults.append(
                FieldError("spend_cap", _("write an amount such as 1200, and a currency such as EUR."))
            )
        values |= {"spend_cap_minor": amount, "currency": currency}
    if form.one("people_cap").strip():
        values["people_cap"] = form.number("people_cap")
        if not values["people_cap"]:
            faults.append(FieldError("people_cap", _("write a number such as 12.")))
    return values


def _migrate(form: Form, faults: list[FieldError]) -> dict[str, Any]:
    target = form.number("to_tool_id")
    if not target:
        faults.append(FieldError("to_tool_id", _("choose the tool that is used instead.")))
    return {"to_tool_id": target, "by": _day(form.one("migrate_by"), "migrate_by", faults)}


def _retire(form: Form, faults: list[FieldError]) -> dict[str, Any]:
    plan = form.one("plan").strip()
    if not plan:
        faults.append(FieldError("plan", _("say how it comes to its end.")))
    return {"plan": plan, "by": _day(form.one("retire_by"), "retire_by", faults)}


def _dismissed(form: Form, faults: list[FieldError]) -> dict[str, Any]:
    reason = form.one("reason").strip()
    if not reason:
        faults.append(FieldError("reason", _("say why it is not for you to decide on.")))
    return {"reason": reason}


def _day(text: str, field: str, faults: list[FieldError]) -> str:
    try:
        body_of.day_of(text.strip())
    except ValueError:
        faults.append(FieldError(field, _("choose a day to come.")))
    return text.strip()


_TERMS: Mapping[str, Callable[[Form, list[FieldError]], dict[str, Any]]] = {
    "sanctioned": _nothing,
    "sanctioned_with_conditions": _promises,
    "provisional": _provisional,
    "migrate": _migrate,
    "retire": _retire,
    "dismissed": _dismissed,
}


def _plain(model: type[BaseModel], *texts: str, numbers: tuple[str, ...] = (), sided: bool = True) -> Any:
    def read(form: Form, _review: ReviewOut) -> Sequence[Step]:
        values: dict[str, Any] = {name: form.one(name) for name in texts}
        values |= {name: form.number(name) for name in numbers}
        if sided:
            values["side"] = form.side
        return [_made(model, values).command()]

    return read


_FORMS: Mapping[str, Callable[[Form, ReviewOut], Sequence[Step]]] = {
    "assess": _assess,
    "ask": _plain(body_of.AskIn, "to", "text", sided=False),
    "answer": _plain(body_of.AnswerIn, "text", numbers=("question",), sided=False),
    "withdraw-question": _plain(body_of.WithdrawQuestionIn, numbers=("question",), sided=False),
    "comment": _plain(body_of.CommentIn, "text"),
    "attach": _plain(body_of.AttachIn, "link", "title"),
    "propose": _propose,
    "sign": _sign,
    "unsign": _plain(body_of.UnsignIn, "reason"),
    "dissent": _plain(body_of.DissentIn, "rationale"),
    "escalate": _plain(body_of.EscalateIn, "reason"),
    "withdraw": _plain(body_of.WithdrawIn, "reason"),
}
VERBS = frozenset(_FORMS)
"""What can be sent to a review that goes on."""


def settling(verb: str, number: int, form: Form) -> ask.Command:
    """What is said about a condition: that it was kept, or that the other side is let off.

    Raises:
        Invalid: names each field that is wrong.
    """
    if verb == "keep":
        return _made(body_of.KeepIn, {"note": form.one("note")}).command(number)
    return _made(body_of.WaiveIn, {"reason": form.one("reason")}).command(number)
