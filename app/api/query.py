"""Query parameters as one model, read in one step.

FastAPI can take a model of query parameters too, but walks its fields on every request, which costs
more than the database does for a page of tools. Here the fields are looked at once; OpenAPI gets the
same description.
"""

from functools import cache
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from app.errors import Invalid, field_errors

M = TypeVar("M", bound=BaseModel)


def read_query(model: type[M], request: Request) -> M:
    """The request's query parameters as `model`.

    Raises:
        Invalid: names each parameter that is wrong or unknown.
    """
    lists = _lists(model)
    values: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name in lists:
            values.setdefault(name, []).append(value)
        elif name in values:
            raise Invalid(
                f"{name} is given twice.", fields=field_errors([{"loc": (name,), "msg": "give it once"}])
            )
        else:
            values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        fields = field_errors(error.errors(include_url=False))
        raise Invalid(
            "; ".join(f"{f.field}: {f.message}" for f in fields[:3]) + ".", fields=fields
        ) from error


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The `openapi_extra=` of an endpoint that reads `model` from its query."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.get("$defs", {})
    parameters = []
    for name, part in schema["properties"].items():
        text = part.pop("description", None)
        parameter: dict[str, Any] = {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _inlined(part, definitions),
        }
        if text:
            parameter["description"] = text
        parameters.append(parameter)
    return {"parameters": parameters}


def _inlined(part: Any, definitions: dict[str, Any]) -> Any:
    """A schema without references: a query's enumerations are short enough to be written out."""
    if isinstance(part, list):
        return [_inlined(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        found = definitions[part["$ref"].rsplit("/", 1)[1]]
        return _inlined({k: v for k, v in found.items() if k not in {"title", "description"}}, definitions)
    made = {key: _inlined(value, definitions) for key, value in part.items() if key != "title"}
    options = made.get("anyOf")
    if options:  # "or nothing" is what leaving a parameter out means
        kept = [option for option in options if option != {"type": "null"}]
        if len(kept) == 1:
            made.pop("anyOf")
            made = {**kept[0], **{k: v for k, v in made.items() if v is not None}}
    return made


@cache
def _lists(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(
        name for name, field in model.model_fields.items() if get_origin(field.annotation) is list
    )
