"""What all parts of a policy document share: strict, closed, and telling what is wrong with them. Pure."""

from difflib import get_close_matches
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.language import lasting

Word = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Sentence = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217.", examples=["EUR"])]
Email = Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")]


class Part(BaseModel):
    """Base of all parts.

    Raises:
        ValueError: a field that there is not, with the one that may be meant.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, validate_by_alias=True
    )
    _called: ClassVar[str] = "this part"

    @model_validator(mode="before")
    @classmethod
    def _no_strangers(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        known = [f.alias or name for name, f in cls.model_fields.items()]
        for name in value:
            if name not in known:
                shown = str(name)[:50]
                close = get_close_matches(shown, known, 1)
                meant = (
                    lasting("do you mean '%(close)s'?", close=close[0])
                    if close
                    else lasting("it may have %(known)s", known=", ".join(known))
                )
                raise ValueError(lasting("there is no '%(shown)s' here; %(meant)s", shown=shown, meant=meant))
        return value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Words = Annotated[
    list[Word],
    Field(min_length=1, max_length=100),
    BeforeValidator(_listed, json_schema_input_type=Word | Annotated[list[Word], Field(min_length=1)]),
]
"""One word, or a list of them."""


class Money(Part):
    """An amount of money."""

    minor: Annotated[int, Field(ge=0, le=10**15, description="In the currency's smallest unit: cents.")]
    currency: Currency
