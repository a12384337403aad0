"""Sources as they are shown to those who do not see names."""

from typing import Any

from app.security.privacy import Veil
from app.security.schemas import Caller, Role
from app.sources.schemas import SourceOut


def as_seen(source: SourceOut, veil: Veil, caller: Caller) -> SourceOut:
    """A source as a caller sees it: without addresses, but for the settings, which are IT's own words."""
    if veil.is_open:
        return source
    hidden: dict[str, Any] = {
        name: veil.text(getattr(source, name)) for name in ("account", "account_name", "health_text")
    }
    if not caller.may(Role.IT):
        hidden["config"] = veil.plain(source.config)
    return source.model_copy(update=hidden)
