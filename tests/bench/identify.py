"""Naming a million different strings, beside two ways one would write in an afternoon: the nearest name by
rapidfuzz, and a dictionary of lower-cased names. All three get the same strings in turns, in one process.

What each names rightly is printed beside its speed, since a quick answer may be a wrong one. It is no
measure of accuracy: the known strings are made from the knowledge base's own names.
"""

import json
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process, utils

from app.identify import KnowledgeBase, identify
from connectors.identifiers import Identifier
from tests.bench.strings import KINDS, Handle, handles

STRINGS, BATCH = 1_000_000, 20_000
SAMPLE = 40
"""Of each batch so many are given to rapidfuzz, which looks at every name; its speed is scaled from them."""
CUTOFF = 90
GOAL = 100_000
"""Strings a second of processor time, on one core."""
MOST_MEMORY = 150
"""Megabytes at most, knowledge base and interpreter included."""
LONGEST_LOAD = 300
"""Milliseconds of processor time until the first string can be asked."""
LOADS = 5

Result = dict[str, Any]
Answer = Callable[[Any], str]


def run() -> Result:
    """Measure in a fresh process, so that its memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.identify", str(STRINGS)], capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def report(found: Result) -> list[str]:
    """The measurements as lines for people."""
    cost = f"{found['load_ms']:.0f} ms to load (best of {LOADS}), peak {found['peak_mb']:.0f} MB"
    lines = [
        f"{found['strings']:,} strings, {found['distinct']:,} different, {found['unknown']:.0%} nobody's",
        f"  {found['products']:,} products: {cost}",
    ]
    kinds = found["identify"]["a_second"]
    lines += [f"  {kind:10}  {kinds[kind]:10,.0f} strings/s" for kind in KINDS]
    for name, title in (("identify", "ours"), ("rapidfuzz", "nearest"), ("dictionary", "dictionary")):
        r = found[name]
        lines.append(
            f"  {title:10}  {r['a_second']['all']:10,.0f} strings/s   of the known named {r['named']:6.1%} "
            f"rightly, {r['misnamed']:5.2%} wrongly; of the unknown {r['invented']:5.2%}"
        )
    lines.append(f"  {found['ratio']:.0f} times as fast as the nearest name")
    return lines


def holds(found: Result) -> bool:
    """Whether the goals were met."""
    return (
        found["identify"]["a_second"]["all"] >= GOAL
        and found["peak_mb"] <= MOST_MEMORY
        and found["load_ms"] <= LONGEST_LOAD
    )


def measure(strings: int) -> Result:
    """Name so many strings by each of the three, in this process."""
    kb, load = _loaded()

    ours = _Contender(lambda identifiers: _identified(kb, identifiers), _identifiers)
    found: Result = {"strings": strings, "products": len(kb.products), "load_ms": load * 1000}
    for batch in _batches(kb, strings):
        ours.answer(batch)
    # Before the others build their tables: this is what identification alone needs.
    found["peak_mb"] = _peak_mb()

    again = _Contender(ours.ask, _identifiers)
    nearest, dictionary = _Contender(_nearest(kb)), _Contender(_dictionary(kb))
    unknown, distinct = 0, set[Handle]()
    for batch in _batches(kb, strings):
        again.answer(batch[:1000])
        nearest.answer(batch[:SAMPLE])
        dictionary.answer(batch)
        unknown += sum(not handle.product for handle in batch)
        distinct.update(batch)
    found |= {"unknown": unknown / strings, "distinct": len(distinct)}
    found["identify"] = ours.result()
    found["rapidfuzz"] = nearest.result()
    found["dictionary"] = dictionary.result()
    found["ratio"] = again.result()["a_second"]["all"] / found["rapidfuzz"]["a_second"]["all"]
    return found


def _peak_mb() -> float:
    """Give the most memory that this program had; in `ru_maxrss` Linux counts its parent's too."""
    status = Path("/proc/self/status")
    if status.exists():
        own = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        if own is not None:
            return int(own[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _loaded() -> tuple[KnowledgeBase, float]:
    """Read the knowledge base a few times; gives it and the quickest time, in seconds of the processor."""
    took = []
    for _ in range(LOADS):
        began = time.process_time()
        kb = KnowledgeBase.load()
        took.append(time.process_time() - began)
    return kb, min(took)


class _Contender:
    """One way to name strings: asked in batches by kind, timed, and its answers counted."""

    def __init__(self, ask: Answer, given: Callable[[Handle], Any] = lambda handle: handle) -> None:
        self.ask = ask
        self._given = given
        self._seconds: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()

    def answer(self, batch: list[Handle]) -> None:
        for kind in KINDS:
            asked = [handle for handle in batch if handle.kind == kind]
            ask, questions = self.ask, [self._given(handle) for handle in asked]
            # Processor time: what else the machine does is not the contender's.
            began = time.process_time()
            answers = [ask(question) for question in questions]
            self._seconds[kind] += time.process_time() - began
            self._asked[kind] += len(asked)
            for handle, named in zip(asked, answers, strict=True):
                self._counts["known" if handle.product else "unknown"] += 1
                if named:
                    outcome = "right" if named == handle.product else "misnamed"
                    self._counts[outcome if handle.product else "invented"] += 1

    def result(self) -> Result:
        a_second = {kind: self._asked[kind] / self._seconds[kind] for kind in KINDS}
        a_second["all"] = self._asked.total() / self._seconds.total()
        known, unknown = max(1, self._counts["known"]), max(1, self._counts["unknown"])
        return {
            "a_second": a_second,
            "named": self._counts["right"] / known,
            "misnamed": self._counts["misnamed"] / known,
            "invented": self._counts["invented"] / unknown,
        }


def _identifiers(handle: Handle) -> tuple[Identifier, ...]:
    """What a scan hands to identification."""
    return (Identifier(KINDS[handle.kind], handle.value),)


def _identified(kb: KnowledgeBase, identifiers: tuple[Identifier, ...]) -> str:
    match = identify(kb, identifiers)
    return match.product.id if match else ""


def _nearest(kb: KnowledgeBase) -> Answer:
    """The nearest of all names and home domains, as the handbook of rapidfuzz does it."""
    names = {utils.default_process(n): p.id for p in kb.products.values() for n in _written(p)}
    choices = list(names)

    def ask(handle: Handle) -> str:
        best = process.extractOne(
            handle.value, choices, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=CUTOFF
        )
        return names[best[0]] if best else ""

    return ask


def _dictionary(kb: KnowledgeBase) -> Answer:
    """The lower-cased string itself, if it is a name or a host."""
    names = {n.lower(): p.id for p in kb.products.values() for n in (*_written(p), *p.hosts)}
    return lambda handle: names.get(handle.value.lower(), "")


def _written(product: Any) -> tuple[str, ...]:
    return (product.name, *product.aliases, *product.former_names, product.domain)


def _batches(kb: KnowledgeBase, strings: int) -> Any:
    stream = handles(kb, strings)
    while batch := list(islice(stream, BATCH)):
        yield batch


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
