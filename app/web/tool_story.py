"""A tool's history as one list: when it was found, who answered for it, what was taught and decided. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.catalog.schemas import ToolOut
from app.claims.schemas import HistoryLine
from app.language import N_, _, retold
from app.reviews.answers import ReviewItem
from app.teaching.schemas import TeachingOut
from app.web import tool_words, words


@dataclass(frozen=True)
class Line:
    """Something that happened.

    Attributes:
        at: when.
        kind: of what sort, marked for translation.
        text: the same as a sentence.
        note: more, or nothing.
        review: the review that it belongs to.
        undo: the teaching that can be undone.
    """

    at: datetime
    kind: str
    text: str
    note: str = ""
    review: int | None = None
    undo: int | None = None


def story(
    tool: ToolOut,
    ownership: Sequence[HistoryLine],
    taught: Sequence[TeachingOut],
    reviews: Sequence[ReviewItem],
) -> list[Line]:
    """Everything that happened to a tool, the latest first."""
    lines = [Line(tool.first_seen, N_("Found"), tool_words.where_seen(tool))]
    # What was under review before it was flagged did not wait for that.
    if tool.flagged_at is not None and all(r.opened_at >= tool.flagged_at for r in reviews):
        note = " ".join(map(retold, tool.flagged_reasons))
        lines.append(Line(tool.flagged_at, N_("Found"), _("Since then it waits for a decision."), note))
    lines += [Line(each.at, N_("Owner"), each.text) for each in ownership]
    for teaching in taught:
        lines += _taught(teaching)
    for review in reviews:
        lines += _review(review)
    return sorted(lines, key=lambda line: line.at, reverse=True)


def taught(teaching: TeachingOut) -> str:
    """What somebody taught, as a sentence."""
    holes = {
        "who": teaching.by,
        "from": teaching.from_tool.name if teaching.from_tool else "?",
        "to": teaching.to_tool.name if teaching.to_tool else "?",
        "what": tool_words.listed([f"“{each.value}”" for each in teaching.identifiers[:3]]),
    }
    match teaching.verb.value:
        case "confirm":
            return _("%(who)s confirmed what “%(to)s” is recognised by.") % holes
        case "correct":
            return _("%(who)s said that some of “%(from)s” is “%(to)s”.") % holes
        case "split":
            return _("%(who)s took some of “%(from)s” out of it, as “%(to)s”.") % holes
        case "merge":
            return _("%(who)s said that “%(from)s” is the same as “%(to)s”.") % holes
        case _:
            if teaching.to_tool is None:
                return _("%(who)s said that “%(from)s” is not %(what)s.") % holes
            return _("%(who)s said that “%(from)s” and “%(to)s” are two tools.") % holes


def _taught(teaching: TeachingOut) -> list[Line]:
    live = teaching.undone_at is None
    kind = tool_words.TAUGHT[teaching.verb.value]
    lines = [
        Line(teaching.at, kind, taught(teaching), teaching.reason, undo=teaching.id if live else None),
    ]
    if teaching.undone_at is not None:
        said = _("%(who)s took that back: %(what)s") % {
            "who": teaching.undone_by or "?",
            "what": taught(teaching),
        }
        lines.append(Line(teaching.undone_at, N_("Undone"), said, teaching.undo_reason or ""))
    return lines


def _review(review: ReviewItem) -> list[Line]:
    why = _(tool_words.CAUSE[review.cause.value])
    opened = _("A joint review was opened, %(why)s.") % {"why": why}
    lines = [Line(review.opened_at, N_("Review"), opened, _(words.LANE[review.lane.value]), review.id)]
    if review.closed_at is not None:
        outcome = (
            _("Decided by both sides: %(outcome)s.") % {"outcome": _(words.OUTCOME[review.outcome.value])}
            if review.outcome
            else _("The review ended without a decision.")
        )
        lines.append(Line(review.closed_at, N_("Decision"), outcome, "", review.id))
    return lines
