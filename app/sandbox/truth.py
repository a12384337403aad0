"""What discovery should find in the simulated company, and how well it did.

The rules are the product's own. A tool is *flagged* for joint review when it is a marketing tool
with evidence of the last 90 days that nobody has reviewed yet; it is *shadow* when, besides, IT does
not manage it. Every tool of a fresh demo is unreviewed, so tools that IT manages are flagged too.

Nothing but tests and the demo's last page may read this module: matching never does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import tldextract

from app.sandbox.company import Company
from app.sandbox.tools import Tool, Via, consent_traps, merchants

_RESELLERS = frozenset({"paypal", "paddle", "fastspring", "googleplay"})
_REAL_PRODUCT = frozenset({"declined charge", "refunded charge", "failed sign-in", "inactive app"})
"""Traps in which the product is the right one, but the company does not use it."""
_extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@dataclass(frozen=True)
class ToolTruth:
    """What is true of one tool.

    Attributes:
        names: every spelling under which it appears anywhere, its own first.
        known: a public product; the others cannot be identified, only noticed.
        borderline: whether it is a marketing tool is a matter of opinion; never counted.
    """

    key: str
    name: str
    names: tuple[str, ...]
    domains: tuple[str, ...]
    is_marketing: bool
    known: bool
    borderline: bool
    expected_managed: bool
    expected_shadow: bool
    expected_flagged: bool
    channels: frozenset[Via]


@dataclass(frozen=True)
class Trap:
    """Something that must not be taken for a tool in use.

    Attributes:
        kind: what it really is, in words.
        text: descriptor or app name, as it appears.
        channel: where it appears: `okta`, `entra`, `google` or `expense`.
        domain: the product that it must not be taken for, or "".
    """

    kind: str
    text: str
    channel: str
    domain: str


@dataclass(frozen=True)
class Truth:
    """Everything that is true of one company."""

    tools: tuple[ToolTruth, ...]
    traps: tuple[Trap, ...]

    def flagged(self) -> tuple[ToolTruth, ...]:
        """The tools that a joint review must be offered for, without the borderline ones."""
        return tuple(t for t in self.tools if t.expected_flagged and not t.borderline)


@dataclass(frozen=True)
class Comparison:
    """How well a catalog agrees with the truth.

    Attributes:
        recall: share of the tools to be flagged that were flagged.
        precision: share of the flagged tools that were to be flagged. A tool that appears twice
            counts once; borderline tools do not count.
        missed: names of tools that were to be flagged and were not.
        wrong: what was flagged and should not have been, with the reason.
        duplicates: flagged tools that are the same product as another one.
        managed_wrong, shadow_wrong: tools of which that fact is not as expected.
        misattributed: evidence that belongs to a trap and was given to a product.
    """

    recall: float
    precision: float
    missed: tuple[str, ...]
    wrong: tuple[str, ...]
    duplicates: tuple[str, ...] = ()
    managed_wrong: tuple[str, ...] = ()
    shadow_wrong: tuple[str, ...] = ()
    misattributed: tuple[str, ...] = ()


def truth_of(company: Company) -> Truth:
    """Say what is true of a company."""
    traps = [Trap(t.kind, t.name, t.via, t.domain) for t in consent_traps()]
    traps += [Trap(t.kind, t.descriptor, "expense", t.domain) for t in merchants().traps]
    return Truth(tuple(_truth_of(tool) for tool in company.tools), tuple(traps))


def _truth_of(tool: Tool) -> ToolTruth:
    names = [tool.name]
    for use in tool.uses:
        names += [use.name, use.former_name, use.merchant, use.former_merchant]
    return ToolTruth(
        key=tool.key,
        name=tool.name,
        names=tuple(dict.fromkeys(n for n in names if n and _plain(n) not in _RESELLERS)),
        domains=tool.domains,
        is_marketing=tool.marketing,
        known=tool.known,
        borderline=tool.borderline,
        expected_managed=tool.managed,
        expected_shadow=tool.active and not tool.managed,
        expected_flagged=tool.active and tool.marketing,
        channels=frozenset(use.via for use in tool.uses),
    )


def registrable(host: str) -> str:
    """The registrable domain of a host name (`app.hubspot.com` is `hubspot.com`'s), or the host itself."""
    return _extract(host).top_domain_under_public_suffix or host


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


@dataclass(frozen=True)
class _Index:
    """The truth by host and by name."""

    hosts: Mapping[str, ToolTruth] = field(default_factory=dict)
    names: Mapping[str, ToolTruth] = field(default_factory=dict)

    def find(self, found: Mapping[str, Any]) -> ToolTruth | None:
        """The tool that a catalog's entry is: by host, else by registrable domain, else by name."""
        host = str(found.get("domain") or "").casefold().removeprefix("www.")
        if host:
            match = self.hosts.get(host) or self.hosts.get(registrable(host))
            if match:
                return match
        return self.names.get(_plain(str(found.get("name") or "")))


def compare(found: Sequence[Mapping[str, Any]], truth: Truth) -> Comparison:
    """Hold a catalog against the truth.

    Args:
        found: the catalog's tools, each with `name`, `domain` (or None), `flagged`, `shadow`,
            `managed`, `audience` and `evidence` (a list of texts, or of dicts that hold texts).
        truth: of the same company.
    """
    index = _Index(
        {host: tool for tool in truth.tools for host in tool.domains},
        {_plain(name): tool for tool in truth.tools for name in reversed(tool.names)},
    )
    traps = {t.text.casefold(): t for t in truth.traps}
    right: set[str] = set()
    wrong: list[str] = []
    duplicates: list[str] = []
    managed_wrong: list[str] = []
    shadow_wrong: list[str] = []
    misattributed: list[str] = []
    for entry in found:
        tool, name = index.find(entry), str(entry.get("name"))
        misattributed += [f"{name}: {text}" for text in _foreign(entry, tool, traps)]
        if tool is not None:
            if bool(entry.get("managed")) != tool.expected_managed:
                managed_wrong.append(tool.name)
            if bool(entry.get("shadow")) != tool.expected_shadow:
                shadow_wrong.append(tool.name)
        if not entry.get("flagged") or (tool is not None and tool.borderline):
            continue
        if tool is None or not tool.expected_flagged:
            wrong.append(f"{name}: {_reason(entry, tool, truth.traps)}")
        elif tool.key in right:
            duplicates.append(name)
        else:
            right.add(tool.key)
    expected = truth.flagged()
    flagged = len(right) + len(wrong)
    return Comparison(
        recall=len(right) / len(expected) if expected else 1.0,
        precision=len(right) / flagged if flagged else 1.0,
        missed=tuple(t.name for t in expected if t.key not in right),
        wrong=tuple(wrong),
        duplicates=tuple(duplicates),
        managed_wrong=tuple(managed_wrong),
        shadow_wrong=tuple(shadow_wrong),
        misattributed=tuple(misattributed),
    )


def _reason(entry: Mapping[str, Any], tool: ToolTruth | None, traps: Iterable[Trap]) -> str:
    """Why a tool should not have been flagged."""
    if tool is not None:
        return "not a marketing tool" if not tool.is_marketing else "no evidence in the last 90 days"
    texts = {t.casefold() for t in (*_texts(entry.get("evidence")), str(entry.get("name")))}
    for trap in traps:
        if trap.text.casefold() in texts or _is_taken_for(entry, trap):
            return trap.kind
    return "the company has no such tool"


def _foreign(entry: Mapping[str, Any], tool: ToolTruth | None, traps: Mapping[str, Trap]) -> Iterator[str]:
    """Evidence of an entry that is a trap's and was taken for a product's."""
    for text in dict.fromkeys(_texts(entry.get("evidence"))):
        trap = traps.get(text.casefold())
        if trap is None or trap.kind in _REAL_PRODUCT:
            continue
        if tool is not None or (trap.kind != "bare reseller" and _is_taken_for(entry, trap)):
            yield text


def _is_taken_for(entry: Mapping[str, Any], trap: Trap) -> bool:
    """The entry is the product that the trap looks like."""
    host = str(entry.get("domain") or "").casefold().removeprefix("www.")
    return bool(trap.domain) and trap.domain in {host, registrable(host)}


def _texts(value: Any) -> Iterator[str]:
    """Every string in a structure of lists and dicts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, Sequence):
        for part in value:
            yield from _texts(part)
