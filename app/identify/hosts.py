"""Hosts that no record lists, yet which say by their own name whose they are.

Anybody can register a name with a word beside it, and look-alikes do: `acmely-login.com`, `acmely-mail.com`.
So nothing but the whole name counts: under a country's ending, where companies keep their own names, under
`.com` when a product gave up that name, and glued to a word by which machines are called.
"""

from app.identify.beside import SHORTEST_COINED, is_distinctive
from app.identify.index import Index, NameEntry
from app.identify.records import Product
from app.identify.words import word_set

_COUNTRIES = word_set(
    "ae ar at au be bg br ca ch cl cz de dk ee es eu fi fr gr hk hr hu id ie il in is it jp kr lt lu lv mx "
    "my nl no nz pe ph pl pt ro se sg si sk th tr tw ua uk us uy za"
)
"""Endings of countries; not those that are sold all over the world for what they spell (`io`, `ai`, `co`)."""
_SECOND = word_set("co com net org")
_MACHINES = ("usercontent", "assets", "static", "cdn", "dns", "rum")
_MACHINE_ENDINGS = word_set("com io net")
_SHORTEST = SHORTEST_COINED + 1


def owner_by_name(index: Index, host: str) -> Product | None:
    """Give the product that a host nobody listed is called by.

    Args:
        index: the look-up tables.
        host: a clean host name that is no listed one and lies under none.

    Returns:
        The product; None for a stranger's host.
    """
    labels = host.split(".")
    ending = labels.pop()
    if ending in _COUNTRIES:
        if len(labels) > 1 and labels[-1] in _SECOND:
            labels.pop()
        entry = _coined(index, labels[-1])
        home = entry is not None and entry.product.domain.partition(".")[0] == labels[-1]
        return entry.product if entry is not None and (home or entry.rule == "former_name") else None
    label = labels[-1]
    if ending == "com":
        entry = _coined(index, label)
        if entry is not None and entry.rule == "former_name":
            return entry.product
    if ending in _MACHINE_ENDINGS and label.endswith(_MACHINES):
        for machine in _MACHINES:
            entry = _coined(index, label.removesuffix(machine)) if label.endswith(machine) else None
            if entry is not None and entry.product.domain.partition(".")[0] == label.removesuffix(machine):
                return entry.product
    return None


def _coined(index: Index, label: str) -> NameEntry | None:
    """Give what a name leads to that is long enough, and its product's own."""
    entry = index.names.get(label) if len(label) >= _SHORTEST else None
    return entry if entry is not None and is_distinctive(entry, [label]) else None
