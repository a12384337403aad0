"""What a person sets for a source of files."""

import codecs
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from connectors.base import ConnectorConfig, ServerPath
from connectors.files.headers import FIELDS
from connectors.money import UnknownCurrency, currency_code


def _currency(value: str) -> str:
    try:
        return currency_code(value)
    except UnknownCurrency as error:
        raise ValueError("write an ISO 4217 code such as USD, EUR or GBP") from error


def _encoding(value: str | None) -> str | None:
    if value is None or not value.strip():
        return None
    try:
        return codecs.lookup(value.strip()).name
    except LookupError as error:
        raise ValueError(
            f"there is no encoding {value!r}: write utf-8, cp1252, utf-16, shift_jis, …"
        ) from error


def _filled(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value.strip()


def _columns(value: dict[str, str]) -> dict[str, str]:
    unknown = sorted(set(value) - set(FIELDS))
    if unknown:
        raise ValueError(f"there is no field {', '.join(unknown)}; there are: {', '.join(FIELDS)}")
    return {field: header.strip() for field, header in value.items() if header.strip()}


class FilesConfig(ConnectorConfig):
    """Where the files are, whose account they belong to, and what they do not say themselves."""

    path: Annotated[str, AfterValidator(_filled), ServerPath()] = Field(
        title="File or folder",
        description="One statement file, or a folder of them: every file in it is read in every scan.",
    )
    account: Annotated[str, AfterValidator(_filled)] = Field(
        title="Account",
        description="A name for the card or bank account. It is part of every row's key: never rename it, "
        "and give files of another account a source of their own.",
    )
    currency: Annotated[str, AfterValidator(_currency)] = Field(
        title="Currency",
        description="ISO 4217 code of amounts for which the file itself names no currency.",
    )
    columns: Annotated[dict[str, str], AfterValidator(_columns)] = Field(
        default={},
        title="Columns",
        description="Only for tables that are not understood by themselves: our field name to the header "
        "in the file, or to #3 for the third column of a file without headers. Fields: "
        + ", ".join(FIELDS)
        + ".",
    )
    day_first: bool | None = Field(
        default=None,
        title="Day before month",
        description="Whether 03/04/2026 is the 3rd of April. Leave empty to decide from the file.",
    )
    outflow: Literal["auto", "positive", "negative"] = Field(
        default="auto",
        title="Sign of a charge",
        description="Whether money spent is written as a positive or a negative amount.",
    )
    encoding: Annotated[str | None, AfterValidator(_encoding)] = Field(
        default=None,
        title="Text encoding",
        description="Only for text that is shown garbled; otherwise it is decided line by line.",
    )
