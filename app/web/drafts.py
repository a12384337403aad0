"""What was typed into a form with secrets, sealed, between its check and its being saved.

The page that shows a check's result must not show the secrets again, and nobody should have to type them
twice. So the form carries them sealed, for one login, one form and one hour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.api.state import AppState
from app.security.schemas import Session

_ALIVE = timedelta(hours=1)


@dataclass(frozen=True)
class Draft:
    """What was typed before.

    Attributes:
        public: settings that may be shown.
        secrets: those that may not.
    """

    public: dict[str, Any]
    secrets: dict[str, Any]


NOTHING = Draft({}, {})


def seal(
    state: AppState, session: Session, form: str, public: Mapping[str, Any], secrets: Mapping[str, Any]
) -> str:
    """The text that a form carries; empty if there is no secret to be kept.

    Args:
        state: of the application.
        session: whose form it is.
        form: which form, such as `source:okta`.
        public: settings beside the secrets; a kept secret goes to no other host than they name.
        secrets: what is kept.
    """
    if not secrets:
        return ""
    values = {
        "for": form,
        "session": session.form_secret,
        "at": state.clock().isoformat(),
        "public": dict(public),
        "secrets": dict(secrets),
    }
    return state.secrets.seal(values).decode("ascii")


def opened(state: AppState, session: Session, form: str, text: str) -> Draft:
    """What a form carries; nothing if it is another login's, another form's, too old, or made up."""
    if not text:
        return NOTHING
    try:
        kept = state.secrets.open(text.encode("ascii", "replace"))
    except ValueError:
        return NOTHING
    if kept.get("for") != form or kept.get("session") != session.form_secret:
        return NOTHING
    if state.clock() - datetime.fromisoformat(kept["at"]) > _ALIVE:
        return NOTHING
    return Draft(kept["public"], kept["secrets"])
