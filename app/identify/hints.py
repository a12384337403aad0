"""What stands beside a name and is no handle of a product: how a charge is filed, what an app may do.

Such a hint names nothing. It can be the second signal that an ordinary word needs, or say that a
merchant sells something else altogether. Merchant category codes are ISO 18245.
"""

from typing import NamedTuple

from app.identify.normalise import fold, words_of
from app.identify.scopes import google_permission
from app.identify.words import word_set

SOFTWARE_MCC = frozenset(
    {"4816", "5045", "5734", "5815", "5816", "5817", "5818", "5968", "7311", "7372", "7375", "7379"}
)
"""Software and digital goods, network services, subscriptions, advertising, data processing."""

_OTHER_TRADES = (
    (742, 763), (1520, 1799), (3000, 3999), (4111, 4789), (4900, 4900), (5013, 5044), (5047, 5733),
    (5735, 5735), (5811, 5814), (5912, 5947), (5949, 5963), (5970, 5999), (7011, 7298), (7512, 7549),
    (7622, 7699), (7829, 7829), (7832, 7841), (7911, 7997), (8011, 8099), (8211, 8220), (9211, 9402),
)  # fmt: skip
"""Trades that sell no software: travel, food, shops, fuel, health, repair, leisure, schools, the state."""

_MARKETING_PERMISSIONS = word_set(
    "adwords analytics analytics.readonly analytics.edit display-video doubleclickbidmanager dfareporting "
    "dfatrafficking doubleclicksearch tagmanager.readonly tagmanager.edit.containers tagmanager.publish "
    "webmasters webmasters.readonly business.manage content youtube.upload"
)
_SOFTWARE_WORDS = word_set(
    "saas software subscription subscriptions licence licences license licenses lizenzen apps app cloud "
    "hosting advertising marketing digital online werbung logiciel logiciels software-abonnements ads"
)


class Hints(NamedTuple):
    """What is known beside the handles.

    `mcc` is the card network's merchant category code, `category` what the expense system or ledger calls
    the charge, `scopes` what an app may do, `recurring` whether the same merchant charges at regular
    intervals.
    """

    mcc: str = ""
    category: str = ""
    scopes: tuple[str, ...] = ()
    recurring: bool = False


NO_HINTS = Hints()


def for_software(hints: Hints) -> bool | None:
    """Say whether a charge is for software: True, False, or None where nothing says either.

    A merchant's code that says another trade outweighs a category; the category of a finance team is
    believed before a code that stands for several trades.
    """
    code = hints.mcc.strip().zfill(4) if hints.mcc.strip() else ""
    if code in SOFTWARE_MCC:
        return True
    if code.isdigit() and any(low <= int(code) <= high for low, high in _OTHER_TRADES):
        return False
    if hints.category and not _SOFTWARE_WORDS.isdisjoint(words_of(fold(hints.category))):
        return True
    return True if hints.recurring else None


def for_marketing(hints: Hints) -> bool:
    """Say whether an app may use what only marketing tools use (advertising accounts, web analytics)."""
    return any(google_permission(scope) in _MARKETING_PERMISSIONS for scope in hints.scopes)
