"""Measure the matcher against a labelled file: `python -m app.identify.evaluate FILE.csv`.

Columns: `kind`, `value`, and `expected_domain` and/or `expected_name` (both empty: nothing should be
recognised); `is_marketing` (1, 0 or empty) if the audience is to be measured too.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.identify.matcher import identify
from app.identify.normalise import clean_host, fold, registrable_domain, squash
from app.identify.records import KnowledgeBase, Product, default_knowledge_base
from connectors.identifiers import Identifier


def is_expected(product: Product, row: Mapping[str, str]) -> bool:
    """Say whether a product is the one a row expects, by any of its domains or names."""
    domain = clean_host(row.get("expected_domain") or "")
    name = squash(fold(row.get("expected_name") or ""))
    if domain:
        hosts = set(product.hosts)
        return domain in hosts or registrable_domain(domain) in {registrable_domain(h) for h in hosts}
    names = (product.name, *product.aliases, *product.former_names)
    return name in {squash(fold(n)) for n in names}


def evaluate(kb: KnowledgeBase, rows: Iterable[Mapping[str, str]]) -> tuple[dict[str, Counter], list[str]]:
    """Count right, wrong and missed answers for each kind of identifier.

    Args:
        kb: the knowledge base.
        rows: labelled rows.

    Returns:
        Counts by kind, and one line for each wrong or missed answer.
    """
    counts: dict[str, Counter] = {}
    faults: list[str] = []
    for row in rows:
        count = counts.setdefault(row["kind"], Counter())
        match = identify(kb, [Identifier(row["kind"], row["value"])])
        expected = bool((row.get("expected_domain") or row.get("expected_name") or "").strip())
        count["rows"] += 1
        count["expected"] += expected
        if match is None:
            outcome = "missed" if expected else "rightly silent"
        else:
            outcome = "right" if expected and is_expected(match.product, row) else "wrong"
        count[outcome] += 1
        if outcome in {"wrong", "missed"}:
            wanted = row.get("expected_name") or row.get("expected_domain") or "nothing"
            got = f"{match.product.name} ({match.rule})" if match else "nothing"
            faults.append(f"{outcome}: {row['kind']}={row['value']!r} wanted {wanted}, got {got}")
        if match and row.get("is_marketing") in {"0", "1"}:
            count["audience known"] += 1
            count["audience right"] += (match.product.audience == "marketing") == (row["is_marketing"] == "1")
    return counts, faults


def report(counts: Mapping[str, Counter]) -> str:
    """Write the counts as a small table of recall, precision and wrong answers."""
    heads = ("rows", "recall", "precision", "wrong", "missed", "audience")
    lines = ["kind".ljust(18) + "".join(head.rjust(10) for head in heads)]
    for kind, count in sorted(counts.items()):
        answered = count["right"] + count["wrong"]
        recall = count["right"] / count["expected"] if count["expected"] else 1.0
        precision = count["right"] / answered if answered else 1.0
        known = count["audience known"]
        audience = f"{count['audience right'] / known:.3f}" if known else "-"
        lines.append(
            f"{kind:<18}{count['rows']:>10}{recall:>10.3f}{precision:>10.3f}"
            f"{count['wrong']:>10}{count['missed']:>10}{audience:>10}"
        )
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Run the evaluation; gives 2 for a bad call or an unreadable file."""
    if len(arguments) not in {1, 2} or (len(arguments) == 2 and arguments[1] != "--faults"):
        sys.stderr.write("usage: python -m app.identify.evaluate FILE.csv [--faults]\n")
        return 2
    path = Path(arguments[0])
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            rows = list(csv.DictReader(handle))
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{path} cannot be read: {error}\n")
        return 2
    missing = {"kind", "value"} - set(rows[0] if rows else ())
    if missing:
        sys.stderr.write(f"{path} lacks the column(s) {', '.join(sorted(missing))}\n")
        return 2
    counts, faults = evaluate(default_knowledge_base(), rows)
    sys.stdout.write(report(counts) + "\n")
    if len(arguments) == 2:
        sys.stdout.write("\n".join(faults) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
