"""Finds texts that no translation would reach, and what has to be translated."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from pydantic import BaseModel

from app.errors import PenumbraError
from app.identify import audience_signs, default_knowledge_base, scopes
from app.language import catalogs
from app.notify.channels import KINDS
from app.notify.topics import TOPICS
from app.policy.reading import shipped
from app.web import words
from connectors.files import statements
from connectors.registry import connector_names, get_connector

APP = Path(catalogs.__file__).parents[1]
WEB = APP / "web"
CONNECTORS = APP.parent / "connectors"
TEMPLATES = WEB / "templates"
_LETTERS = re.compile(r"[A-Za-zÄÖÜäöüß]{2,}")
_UNREAD = re.compile(r"<!--.*?-->|<code>.*?</code>", re.DOTALL)
_SHOWN = re.compile(r'\b(?:title|alt|placeholder|aria-label|label)="([^"]*[A-Za-z]{2,}[^"]*)"')
_SPOKEN = re.compile(r"^[A-ZÄÖÜ“][a-z]|[a-z] [a-zA-Z]")
_ATTRIBUTE = re.compile(r'^\s*(?:[a-z-]+(?:="[^"]*")?\s*)+$')
_SKIPPED = {"Penumbra", "UTC"}
_TRANSLATES = {"_", "N_", "counted", "ngettext", "gettext"}


def _below(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def untranslated(path: Path) -> list[str]:
    """Texts of a template that are shown as they stand, as `file:line: text`."""
    return [f"{path.name}:{line}: {text}" for line, text in _found(path.read_text())]


def _found(source: str) -> Iterator[tuple[int, str]]:
    marked = named = open_tag = False
    code: list[tuple[int, str, str]] = []
    for line, kind, value in Environment(extensions=["jinja2.ext.i18n"]).lex(source):
        if kind == "data":
            text, open_tag = _text(value, open_tag)
            yield from ((line, shown) for shown in _SHOWN.findall(value))
            if named or marked or _ATTRIBUTE.match(value):
                continue
            if _LETTERS.search(text) and text.strip(" ·\n") not in _SKIPPED:
                yield line, " ".join(text.split())
        elif kind in {"block_begin", "variable_begin"}:
            code = []
        elif kind in {"block_end", "variable_end"}:
            words = [value for _, name, value in code if name == "name"]
            if words[:1] in (["trans"], ["endtrans"]):
                marked = words[0] == "trans"
            elif words[:1] in (["block"], ["endblock"]):
                named = words[-1] == "body_class"  # a name for the styles
            else:
                yield from _strings(code)
        elif kind not in {"whitespace", "comment", "comment_begin", "comment_end"}:
            code.append((line, kind, value))


def _text(data: str, open_tag: bool) -> tuple[str, bool]:
    """What is read of a piece of HTML, and whether it ends inside a tag."""
    data = _UNREAD.sub("", data)
    inside, text = open_tag, []
    for sign in data:
        if sign == "<":
            inside = True
        elif sign == ">" and inside:
            inside = False
            text.append(" ")
        elif not inside:
            text.append(sign)
    return re.sub(r"&\w+;", " ", "".join(text)), inside


def _strings(code: list[tuple[int, str, str]]) -> Iterator[tuple[int, str]]:
    """Sentences among the strings of an expression that are not handed to a translation."""
    calls: list[str] = []
    before = ""
    for line, kind, value in code:
        if value == "(":
            calls.append(before)
        elif value == ")" and calls:
            calls.pop()
        elif kind == "string" and _SPOKEN.search(value[1:-1]) and not _TRANSLATES & set(calls):
            yield line, value
        before = value


_SPEAKS_TO_PROGRAMS = {
    "api/dependencies.py": "headers and parameters of the API",
    "api/health.py": "read by what watches over the service",
    "api/middleware.py": "the gate of the API, before anything is known of a reader",
    "api/query.py": "parameters of the API",
    "commands/": "the command line is English",
    "sandbox/": "made up for the demo, and only the demo",
    "identify/": "data and what checks it; what it says of tools is kept",
}
"""Where a refusal stays English, and why."""
_RAISED = {kind.__name__ for kind in (PenumbraError, *_below(PenumbraError))} | {"Refused", "Refusal"}


def unspoken(path: Path) -> list[str]:
    """Messages of errors that stand there as they are, and so are English for every reader."""
    found = []
    for call in ast.walk(ast.parse(path.read_text())):
        name = getattr(getattr(call, "func", None), "id", "")
        if isinstance(call, ast.Call) and name in _RAISED | {"FieldError"}:
            for message in call.args[1:2] if name == "FieldError" else call.args[:1]:
                found += [f"{path.name}:{m.lineno}: {ast.unparse(m)}" for m in _as_they_are(message)]
    return found


def _as_they_are(message: ast.expr) -> Iterator[ast.expr]:
    if isinstance(message, ast.IfExp):
        yield from _as_they_are(message.body)
        yield from _as_they_are(message.orelse)
    elif isinstance(message, ast.BinOp):
        yield from _as_they_are(message.left)
        yield from _as_they_are(message.right)
    elif isinstance(message, ast.JoinedStr) or (
        isinstance(message, ast.Constant) and _LETTERS.search(str(message.value))
    ):
        yield message


def speaking() -> list[Path]:
    """Every module whose refusals people read on pages."""
    return [
        path
        for path in sorted(APP.rglob("*.py"))
        if not str(path.relative_to(APP)).startswith(tuple(_SPEAKS_TO_PROGRAMS))
    ]


_MARKS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "count": (2, 3)}
_COUNTS = {**_MARKS, "counted": (2, 3)}
_LASTS = {"lasting": None}


_SKIPS = re.compile(r"(.+):\d+: warning: Skipping f-string with substitutions")


def _read(
    methods: list[tuple[str, str]],
    keywords: Mapping[str, Any],
    options: dict[str, dict[str, str]] | None = None,
) -> list[Any]:
    """What `extract_from_dir` finds, without its warnings of f-strings that are values and not texts."""
    said = StringIO()
    with redirect_stderr(said):
        found = list(extract_from_dir(APP, method_map=methods, options_map=options, keywords=keywords))
    for line in said.getvalue().splitlines():
        skips = _SKIPS.match(line)
        if skips is None or _marks_patchwork(Path(skips[1]), {*keywords}):
            print(line, file=sys.stderr)
    return found


def _marks_patchwork(path: Path, marks: set[str]) -> bool:
    """Whether a module marks an f-string as a text, which no translation would reach."""
    return any(
        isinstance(call, ast.Call)
        and getattr(call.func, "id", "") in marks
        and any(isinstance(text, ast.JoinedStr) for text in call.args)
        for call in ast.walk(ast.parse(path.read_text()))
    )


def extracted() -> Catalog:
    """Every text that people read on pages, as gettext keeps them; what is kept, in a context of its own."""
    catalog = Catalog(project="Penumbra", charset="utf-8")
    python = [("**.py", "python")]
    methods = [("web/**.py", "python"), ("web/templates/**.html", "jinja2")]
    options = {
        "web/templates/**.html": {"extensions": "jinja2.ext.i18n", "trimmed": "true", "silent": "false"}
    }
    found = _read(methods, _COUNTS, options)
    below = _read(python, _MARKS)
    for name, line, message, comments, context in (*found, *below):
        catalog.add(message, None, [(name, line)], auto_comments=comments, context=context)
    for text in _held_elsewhere():
        catalog.add(text)
    for name, line, message, _comments, _context in _read(python, _LASTS):
        catalog.add(message, None, [(name, line)], context=catalogs.LASTING)
    for text in filter(None, _lasting_elsewhere()):
        catalog.add(text, context=catalogs.LASTING)
    return catalog


def _held_elsewhere() -> Iterator[str]:
    """Texts that the pages translate, but that stand unmarked where they are held."""
    base = default_knowledge_base()
    yield from (category.name for category in base.categories.values())
    yield from (words.area(code) for code in _areas())
    yield from (topic.title for topic in TOPICS.values())


def _areas() -> list[str]:
    """The areas that are not marketing's; they have no name beside their code."""
    base = default_knowledge_base()
    used = {product.category for product in base.products.values()}
    return sorted(code for code in used - set(base.categories) if code)


def _lasting_elsewhere() -> Iterator[str]:
    """Texts that are retold, but that stand unmarked in tables, or with those who may not know of us."""
    yield from scopes.phrases()
    yield from audience_signs.phrases()
    yield from _of_policy()
    for name in connector_names():
        kind = get_connector(name)
        about = kind.manifest
        yield from (about.title, about.summary, about.not_seen)
        yield from (needed.reason for needed in (*about.permissions, *about.revoking))
        yield from _of_form(kind.Config)
    yield from statements.OTHERS.values()
    yield from _areas()
    for channel in KINDS.values():
        yield channel.summary
        yield from _of_form(channel.Config)
    for path in sorted(CONNECTORS.rglob("*.py")):
        if "simulat" not in path.name:
            yield from raised(path)


def _of_policy() -> Iterator[str]:
    policy = shipped()
    yield from (rule.because for rule in (*policy.rules, *policy.passes))


def _of_form(config: type[BaseModel]) -> Iterator[str]:
    """What a form calls the settings of a connector or channel."""
    for name, part in config.model_json_schema().get("properties", {}).items():
        yield str(part.get("title") or name)
        yield str(part.get("description") or "")


_TROUBLE = {"NeedsAdmin", "NotAvailable", "RetryLater", "VendorChanged", "SkipRecord", "ValueError"}


def raised(path: Path) -> Iterator[str]:
    """What a connector says when it cannot go on: it knows nothing of us, so it is read where it stands."""
    for call in ast.walk(ast.parse(path.read_text())):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in _TROUBLE and call.args:
            yield from filter(_SENTENCE.search, _forms(call.args[0]))


_SENTENCE = re.compile(r"[a-z]{2,}\S* \S+ ")


def _forms(message: ast.expr) -> Iterator[str]:
    """The texts with holes that an expression can come to."""
    if isinstance(message, ast.IfExp):
        yield from _forms(message.body)
        yield from _forms(message.orelse)
    elif isinstance(message, ast.Constant) and isinstance(message.value, str):
        yield message.value
    elif isinstance(message, ast.JoinedStr):
        text = ""
        for number, part in enumerate(message.values):
            if isinstance(part, ast.Constant):
                text += str(part.value).replace("%", "%%")
            else:
                text += f"%({hole(part, number)})s"
        yield text


def hole(part: ast.expr, number: int) -> str:
    """What stands for a value in a text: the last name in its expression."""
    names = [
        name.attr if isinstance(name, ast.Attribute) else name.id
        for name in ast.walk(part)
        if isinstance(name, (ast.Attribute, ast.Name))
    ]
    return f"{names[0].strip('_').lower()}{number}" if names else f"value{number}"


def of(language: str) -> Catalog:
    """The committed texts of a language."""
    with (catalogs.FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def renew(language: str) -> str:
    """Bring the file of a language up to what the pages say: new texts empty, unused ones taken out."""
    path = catalogs.FOLDER / f"{language}.po"
    catalog = of(language) if path.exists() else Catalog(locale=language, project="Penumbra")
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    written = BytesIO()
    write_po(written, catalog, sort_output=True, no_location=True, omit_header=False, width=100)
    path.write_bytes(written.getvalue())
    empty = sum(1 for message in catalog if message.id and not _filled(message.string))
    return f"{path}: {len(catalog)} texts, {empty} to be translated"


def _filled(string: object) -> bool:
    return all(string) if isinstance(string, (list, tuple)) else bool(string)


if __name__ == "__main__":
    for code in catalogs.LANGUAGES:
        if code != "en":
            print(renew(code))
