"""The pages tell the truth: their links lead somewhere, their commands and settings exist."""

import re
import shlex
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer.main

from app.api import PREFIX
from app.cli import cli
from app.db import make_engine
from app.main import create_app
from app.settings import Settings
from connectors.registry import connector_names, get_connector

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "connectors").glob("*/README.md"),
    ]
)
DEPLOYMENT = [ROOT / "Dockerfile", ROOT / "compose.yaml"]

FENCE = re.compile(r"^( *)```(\S*)[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
VARIABLE = re.compile(r"\bPENUMBRA_[A-Z_]+\b")
SETTINGS = {f"PENUMBRA_{name.upper()}" for name in Settings.model_fields}
FOR_TESTS = {"PENUMBRA_TEST_CHROMIUM", "PENUMBRA_TEST_POSTGRES_URL"}

COMMANDS: Any = typer.main.get_command(cli)


class Line(NamedTuple):
    """One `penumbra …` as it stands on a page, without the word itself."""

    page: str
    words: list[str]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(text: str) -> str:
    """A page without its code."""
    return INLINE.sub("", FENCE.sub("", text))


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings get on GitHub."""
    headings = re.findall(r"^#{1,6} (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in headings)
    return {text.replace(" ", "-") for text in plain}


def shell_lines(text: str) -> Iterator[str]:
    """Every line of shell on a page: fenced, with continued lines joined, and inline."""
    for _, language, body in FENCE.findall(text):
        if language in {"sh", "bash", "console"}:
            yield from body.replace("\\\n", " ").splitlines()
    yield from INLINE.findall(FENCE.sub("", text))


def simple_commands(line: str) -> Iterator[list[str]]:
    """The commands that a line of shell is made of, also those inside $(…), as lists of words."""
    for inner in re.findall(r"\$\(([^()]*)\)", line):
        yield from simple_commands(inner)
    line = re.sub(r"\$\([^()]*\)", "x", line)
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words: list[str] = []
    try:
        for word in lexer:
            if set(word) <= set("|&;<>"):
                yield words
                words = []
            else:
                words.append(word)
    except ValueError:  # an apostrophe in inline code that is no shell
        return
    yield words


def penumbra_lines(page: Path) -> Iterator[Line]:
    for shell in shell_lines(page.read_text()):
        for words in simple_commands(shell):
            for at, (word, following) in enumerate(pairwise(words)):
                # The last one counts: `docker compose exec penumbra penumbra doctor`.
                called = word.rpartition("/")[2] == "penumbra" and re.fullmatch(r"[a-z]+", following)
                if called and following != "penumbra":
                    yield Line(name_of(page), words[at + 1 :])


def problem_of(words: list[str]) -> str | None:
    """What is wrong with a command, or None."""
    command, rest = COMMANDS, list(words)
    while hasattr(command, "commands"):
        if not rest or rest[0] not in command.commands:
            return f"there is no command {' '.join(words[: len(words) - len(rest) + 1])}"
        command = command.commands[rest.pop(0)]
    options = {
        opt: p
        for p in command.params
        if p.param_type_name == "option"
        for opt in (*p.opts, *p.secondary_opts)
    }
    places = [p for p in command.params if p.param_type_name == "argument"]
    given: list[str] = []
    values: dict[str, list[str]] = {}
    while rest:
        word = rest.pop(0)
        if word == "--help":
            continue
        if not word.startswith("-") or word == "-":
            given.append(word)
            continue
        if word not in options:
            return f"{command.name} has no option {word}"
        option = options[word]
        if option.is_flag:
            continue
        if not rest:
            if option.name in {"every"}:  # named in a sentence, without its value
                continue
            return f"{word} needs a value"
        value = rest.pop(0)
        values.setdefault(word, []).append(value)
        if isinstance(option.default, Enum) and value not in {c.value for c in type(option.default)}:
            return f"{word} cannot be {value}"
    if len(given) > len(places) and not any(p.nargs == -1 for p in places):
        return f"{command.name} takes no {given[len(places)]}"
    return _source_problem(given, values) if words[:2] == ["source", "add"] else None


def _source_problem(given: list[str], values: dict[str, list[str]]) -> str | None:
    connector = next(iter(given), None)
    if connector in {None, "…"}:
        return None
    if connector not in connector_names():
        return f"there is no connector {connector}"
    fields = get_connector(str(connector)).Config.model_fields
    for option in ("--set", "--secret"):
        for value in values.get(option, ()):
            name = value.partition("=")[0]
            if name not in fields:
                return f"{connector} has no setting {name}"
            if ("SecretStr" in repr(fields[name].annotation)) != (option == "--secret"):
                return f"{connector}: {name} is not given by {option}"
    return None


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(prose(page.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        there = file.exists() and file.is_relative_to(ROOT)
        if not there or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_every_command_on_the_pages_exists() -> None:
    lines = [line for page in PAGES for line in penumbra_lines(page)]
    assert len(lines) > 40, "the pages show commands; this test no longer finds them"
    wrong = [
        f"{line.page}: penumbra {shlex.join(line.words)}: {p}"
        for line in lines
        if (p := problem_of(line.words))
    ]
    assert wrong == []


def test_every_command_is_on_the_front_page() -> None:
    def every(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from every(command, (*before, name))
            else:
                yield (*before, name)

    shown = [line.words for line in penumbra_lines(ROOT / "README.md")]
    missing = [c for c in every(COMMANDS) if not any(tuple(words[: len(c)]) == c for words in shown)]
    assert missing == []


def test_every_setting_named_exists_and_every_setting_is_described() -> None:
    named = {
        (name_of(page), variable)
        for page in (*PAGES, *DEPLOYMENT)
        for variable in VARIABLE.findall(page.read_text())
        if variable not in SETTINGS | FOR_TESTS
    }
    assert named == set()
    described = set(
        re.findall(r"^\| `(PENUMBRA_[A-Z_]+)` \|", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    )
    assert described == SETTINGS


def test_described_defaults_are_the_defaults() -> None:
    rows = re.findall(
        r"^\| `PENUMBRA_([A-Z_]+)` \| `([^`]+)` \|", (ROOT / "docs/operations.md").read_text(), re.MULTILINE
    )
    fields = Settings.model_fields
    assert {n: str(fields[n.lower()].default).lower() for n, _ in rows} == dict(rows)
    assert len(rows) > 5


def addresses(page: str) -> Iterator[tuple[str, str]]:
    """Method and path of each call of the API on a page, by curl or by the walk-through's words for it."""
    for _, language, body in FENCE.findall(page):
        for line in body.replace("\\\n", " ").splitlines() if language == "sh" else ():
            if (
                call := re.match(r' *(get|post|act) "\$\w+" "?([^ "?]+)[^ ]*(?: (\w[\w-]*))?', line)
            ) is not None:
                word, path, deed = call.groups()
                yield ("GET" if word == "get" else "POST", f"{path}/{deed}" if word == "act" else path)
            elif (call := re.search(r'^curl .*"\$at/([^"?$]*)[^"]*"(.*)', line)) is not None:
                written = re.search(r"-X (\w+)", line)
                yield (written[1] if written else "POST" if "--json" in line else "GET", call[1])


def test_every_address_on_the_pages_exists(tmp_path: Path) -> None:
    called = [(name_of(page), *call) for page in PAGES for call in addresses(page.read_text())]
    assert len([c for c in called if c[0] == "docs/walkthrough.md"]) > 30
    assert len({c[0] for c in called}) >= 3, "other pages call the API too"
    paths: dict[str, dict[str, Any]] = create_app(
        Settings(data_dir=tmp_path), make_engine("sqlite://")
    ).openapi()["paths"]
    known = [
        (method.upper(), re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)))
        for path, methods in paths.items()
        for method in methods
    ]

    def exists(method: str, path: str) -> bool:
        return any(m == method and pattern.fullmatch(f"{PREFIX}/{path}") for m, pattern in known)

    assert [call for call in called if not exists(call[1], call[2])] == []
    assert not exists("POST", "reviews/1/agree")
    assert not exists("GET", "reviews/1/sign")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("source add okta --name x --set base_url=https://acme.okta.com", None),
        ("tools --flagged", None),
        ("scan one two three", None),
        ("scna", "there is no command scna"),
        ("source ad", "there is no command source ad"),
        ("tools --red", "tools has no option --red"),
        ("token create --name me --role king", "--role cannot be king"),
        ("doctor now", "doctor takes no now"),
        ("source add okta --set bse_url=x", "okta has no setting bse_url"),
        ("source add okta --set api_token=x", "okta: api_token is not given by --set"),
        ("source add nokta", "there is no connector nokta"),
    ],
)
def test_a_wrong_command_would_be_noticed(line: str, problem: str | None) -> None:
    assert problem_of(line.split()) == problem
