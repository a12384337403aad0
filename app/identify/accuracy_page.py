"""The figures of a measurement as tables for people: Markdown between two marks of a page."""

from collections.abc import Mapping

from app.identify.accuracy import GROUP_TITLES, HIGHER_IS_BETTER, SECTIONS, Share, Table, shortfalls

BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
HALF_TITLES = {"report": "The held-back half", "tune": "The half that rules are tuned on"}
FIGURE_TITLES = {
    "vendor_recall": "vendor recall",
    "wrong_vendor": "wrong vendor",
    "precision": "right of the answered",
    "marketing_precision": "marketing precision",
    "marketing_recall": "marketing recall",
    "false_matches": "false matches",
}


def cell(share: Share) -> str:
    """Write a figure with its 95 % interval and n: `97.1 % (95.0–98.4, n 412)`; a dash for none."""
    if share.value is None:
        return "–"
    low, high = share.interval
    return f"{100 * share.value:.1f} % ({100 * low:.1f}–{100 * high:.1f}, n {share.n:,})"


def rows_of(table: Table) -> list[list[str]]:
    """List a table's groups in the order in which they are shown, each as cells.

    Returns:
        For each group its title and the six figures; an empty list between the sections.
    """
    rows: list[list[str]] = []
    for section in SECTIONS:
        there = [group for group in section if group in table]
        if there and rows:
            rows.append([])
        for group in there:
            rows.append([GROUP_TITLES[group], *(cell(table[group][figure]) for figure in HIGHER_IS_BETTER)])
    return rows


def markdown(halves: Mapping[str, Table]) -> str:
    """Write the tables of both halves as Markdown, the held-back one first."""
    heads = ["", *FIGURE_TITLES.values()]
    parts = []
    for half, title in HALF_TITLES.items():
        if half not in halves:
            continue
        lines = [f"### {title}", "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
        lines += [f"| {' | '.join(row)} |" for row in rows_of(halves[half]) if row]
        parts.append("\n".join(lines))
        if half == "report":
            parts.append(_kept(halves[half]))
    return "\n\n".join(parts)


def _kept(table: Table) -> str:
    """Say which promises the held-back half does not keep, in a sentence each."""
    missed = [
        f"- {GROUP_TITLES[s.group]}: {FIGURE_TITLES[s.figure]} is {100 * (s.share.value or 0):.1f} %, "
        f"promised {100 * s.bound:.0f} %"
        for s in shortfalls(table)
    ]
    return "\n".join(["Promises not kept yet:", "", *missed]) if missed else "All promises are kept."


def with_figures(page: str, halves: Mapping[str, Table]) -> str:
    """Put the tables between the marks of a page.

    Args:
        page: the page's text.
        halves: the tables by half.

    Returns:
        The page with everything between the marks replaced.

    Raises:
        ValueError: the page does not have each mark once, the first before the second.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise ValueError(f"the page needs a line {BEGIN} and below it a line {END}, each once")
    return f"{before}{BEGIN}\n{markdown(halves)}\n{END}{after}"
