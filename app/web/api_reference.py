"""The API's description put together for reading: the OpenAPI document as operations and shapes. Pure."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
_HUGE = 2**53
"""A bound that says no more than that a number has one."""
_FORMATS = {"date-time": "moment", "date": "day"}
_TYPES = {"string": "text", "integer": "whole", "number": "number", "boolean": "yes_no", "object": "object"}
_PROBLEM = "Problem"
_HERE = "\0"


@dataclass(frozen=True)
class Kind:
    """What a value can be.

    Attributes:
        word: of `api_words.KIND`; empty if it has a shape.
        shape: the name of its shape.
        many: how it is repeated: `list`, `map` by name, or once.
        options: the only texts that it can be.
        least: the smallest number.
        most: the largest number.
        longest: so many characters at most.
    """

    word: str = ""
    shape: str = ""
    many: str = ""
    options: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    longest: int | None = None


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a shape.

    Attributes:
        name: what it is called.
        kinds: what it can be.
        text: what it is for.
        required: whether it must be there.
        empty: whether it can be null.
        default: what it is when it is left out, as JSON.
        where: of a parameter: `path`, `query` or `header`.
    """

    name: str
    kinds: tuple[Kind, ...]
    text: str
    required: bool
    empty: bool
    default: str | None = None
    where: str = ""


@dataclass(frozen=True)
class Shape:
    """What an object consists of, or which texts there are."""

    name: str
    text: str
    fields: tuple[Field, ...]
    options: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """One method of one address.

    Attributes:
        roles: one of these is needed; empty: none.
        open: whether it answers without a token.
        body: what is sent, if something is.
        sent: its fields, if it is an object of one shape.
        answer: what comes back, if it is described.
        media: in which form it comes back.
        status: of that answer.
        errors: status and sentence of each answer that is none.
        curl: a command that calls it; `curl_at` puts the address into it.
    """

    method: str
    path: str
    tag: str
    summary: str
    text: str
    roles: tuple[str, ...]
    open: bool
    parameters: tuple[Field, ...]
    body: tuple[Kind, ...]
    sent: tuple[Field, ...]
    answer: tuple[Kind, ...]
    media: str
    status: str
    errors: tuple[tuple[str, str], ...]
    curl: str

    @property
    def anchor(self) -> str:
        """What its place on the page of its tag is called."""
        return anchor_of(self.method, self.path)

    def curl_at(self, address: str) -> str:
        """A command that calls it, where the API is reached at an address."""
        return self.curl.replace(_HERE, address)

    @property
    def words(self) -> str:
        """All that it can be searched by."""
        names = " ".join(field.name for field in self.parameters)
        return f"{self.method} {self.path} {self.summary} {self.text} {self.tag} {names}".lower()


def anchor_of(method: str, path: str) -> str:
    """What the place of an operation is called: `get-tools-tool_id`."""
    return re.sub(r"\W+", "-", f"{method.lower()} {path.removeprefix('/api/v1')}").strip("-")


def operations(document: Json, roles: Mapping[tuple[str, str], Iterable[str]]) -> list[Operation]:
    """All operations of a document, by tag, then by address.

    Args:
        document: as `app.api.openapi.document` makes it.
        roles: by method and address, one of which roles is needed.
    """
    found = [
        _operation(document, method.upper(), path, one, tuple(roles.get((method.upper(), path), ())))
        for path, item in document["paths"].items()
        for method, one in item.items()
    ]
    order = ("GET", "POST", "PUT", "PATCH", "DELETE")
    return sorted(found, key=lambda one: (one.tag, one.path, order.index(one.method)))


def _operation(document: Json, method: str, path: str, one: Json, roles: tuple[str, ...]) -> Operation:
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    status, answer = next((s, r) for s, r in one["responses"].items() if s.startswith(("2", "3")))
    media, content = next(iter(answer.get("content", {}).items()), ("", {}))
    return Operation(
        method=method,
        path=path,
        tag=one["tags"][0],
        summary=one["summary"],
        text=one.get("description", ""),
        roles=roles,
        open=not one.get("security"),
        parameters=tuple(
            _field(p["name"], p["schema"], p.get("required", False), p.get("description", ""), p["in"])
            for p in one.get("parameters", ())
        ),
        body=kinds(body) if body else (),
        sent=_sent(document, kinds(body)) if body else (),
        answer=kinds(content.get("schema", {})) if content else (),
        media=media,
        status=status,
        errors=tuple((s, r["description"]) for s, r in one["responses"].items() if s[0] in "45"),
        curl=_curl(document, method, path, one, body),
    )


def _sent(document: Json, body: tuple[Kind, ...]) -> tuple[Field, ...]:
    """The fields of what is sent, where that is one object."""
    if len(body) != 1 or not body[0].shape or body[0].many:
        return ()
    return shape_of(body[0].shape, document["components"]["schemas"][body[0].shape]).fields


# --- what values are ---------------------------------------------------------------------------


def kinds(schema: Json) -> tuple[Kind, ...]:
    """What a value of a schema can be; null is left out."""
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return tuple(dict.fromkeys(kind for part in schema[several] for kind in kinds(part)))
    if "$ref" in schema:
        return (Kind(shape=schema["$ref"].rpartition("/")[2]),)
    type_ = schema.get("type")
    if type_ == "null":
        return ()
    if type_ == "array":
        return tuple(_many(kind, "list") for kind in kinds(schema.get("items", {})))
    inner = schema.get("additionalProperties")
    if type_ == "object" and isinstance(inner, Mapping):
        return tuple(_many(kind, "map") for kind in kinds(inner))
    options = tuple(map(str, schema.get("enum", [schema["const"]] if "const" in schema else [])))
    word = _FORMATS.get(schema.get("format", "")) or _TYPES.get(str(type_), "any")
    return (
        Kind(
            word=word,
            options=options,
            least=_bound(schema.get("minimum")),
            most=_bound(schema.get("maximum")),
            longest=schema.get("maxLength"),
        ),
    )


def _many(kind: Kind, many: str) -> Kind:
    # What is repeated twice is told by the outer one: no shape of ours lies deeper.
    return Kind(kind.word, kind.shape, many, kind.options, kind.least, kind.most, kind.longest)


def _bound(value: float | None) -> float | None:
    return None if value is None or abs(value) > _HUGE else value


def _field(name: str, schema: Json, required: bool, text: str = "", where: str = "") -> Field:
    empty = schema.get("type") == "null" or any(p.get("type") == "null" for p in schema.get("anyOf", ()))
    default = schema.get("default")
    return Field(
        name=name,
        kinds=kinds(schema),
        text=text or schema.get("description", ""),
        required=required,
        empty=empty,
        default=None if default is None or default in ("", [], {}) else json.dumps(default),
        where=where,
    )


def shapes(document: Json, wanted: Iterable[Operation]) -> list[Shape]:
    """The shapes that some operations speak of, and those that these speak of, by name."""
    schemas = document["components"]["schemas"]
    found: dict[str, Shape] = {}
    left = [kind.shape for one in wanted for kind in _spoken_of(one)]
    while left:
        name = left.pop()
        if not name or name in found or name == _PROBLEM:
            continue
        found[name] = shape = shape_of(name, schemas[name])
        left += [kind.shape for field in shape.fields for kind in field.kinds]
    return [found[name] for name in sorted(found)]


def _spoken_of(one: Operation) -> Iterator[Kind]:
    yield from one.body
    yield from one.answer
    for parameter in one.parameters:
        yield from parameter.kinds


def shape_of(name: str, schema: Json) -> Shape:
    """One shape of a document."""
    required = set(schema.get("required", ()))
    fields = tuple(_field(n, s, n in required) for n, s in schema.get("properties", {}).items())
    return Shape(name, schema.get("description", ""), fields, tuple(map(str, schema.get("enum", ()))))


# --- an example --------------------------------------------------------------------------------


def _curl(document: Json, method: str, path: str, one: Json, body: Json | None) -> str:
    """A command that calls an operation; what stands in it is made up, but for the address."""
    headers = ['-H "Authorization: Bearer $TOKEN"'] if one.get("security") else []
    sent = []
    for parameter in one.get("parameters", ()):
        value = _plain(sample(document, parameter["schema"], parameter.get("examples")))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", value)
        elif parameter["in"] == "header":
            shown = value if parameter["name"] != "If-Match" else '"v1"'
            headers.append(f"-H '{parameter['name']}: {shown}'")
        elif parameter.get("required"):
            sent.append(f"{parameter['name']}={value}")
    lines = [f"curl {'' if method == 'GET' else f'-X {method} '}{' '.join(headers)}".rstrip()]
    if body is not None:
        text = json.dumps(sample(document, body), ensure_ascii=False).replace("'", "’")
        lines += ["-H 'Content-Type: application/json'", f"-d '{text}'"]
    query = f"?{'&'.join(sent)}" if sent else ""
    return " \\\n  ".join([*lines, f'"{_HERE}{path}{query}"'])


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def sample(document: Json, schema: Json, examples: Sequence[Any] | None = None, depth: int = 0) -> Any:
    """A value that a schema allows: its example, else the plainest; of an object what it must have."""
    for given in (examples, schema.get("examples")):
        if isinstance(given, list) and given:
            return given[0]
    if schema.get("default") not in (None, [], {}, ""):
        return schema["default"]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            parts = [part for part in schema[several] if part.get("type") != "null"]
            return sample(document, parts[0], depth=depth) if parts else None
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return sample(document, document["components"]["schemas"][name], depth=depth + 1)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            return _sample_object(document, schema, depth)
        case "array":
            return [sample(document, schema.get("items", {}), depth=depth)] if depth < 4 else []
        case "integer" | "number":
            return schema.get("minimum") or 1
        case "boolean":
            return True
        case "string":
            return {"date": "2026-12-01", "date-time": "2026-12-01T09:00:00Z"}.get(
                schema.get("format", ""), "…"
            )
    return None


def _sample_object(document: Json, schema: Json, depth: int) -> dict[str, Any]:
    properties: Json = schema.get("properties", {})
    needed = list(schema.get("required", ())) or list(properties)[: 1 if depth < 4 else 0]
    return {name: sample(document, properties[name], depth=depth) for name in needed if name in properties}
