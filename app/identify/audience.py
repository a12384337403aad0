"""Decide whether a tool is a marketing tool: from the knowledge base, else from the evidence.

The evidence is weighed, not voted on: each sign adds to or takes from a balance and leaves a sentence
behind. Two different signs must agree before a tool that nobody knows is called a marketing tool.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from app.identify.normalise import fold, words_of
from app.identify.records import KnowledgeBase, Product, default_knowledge_base
from app.identify.scopes import google_permission
from app.identify.words import word_set

Value = Literal["marketing", "other", "unsure"]


@dataclass(frozen=True, slots=True)
class AudienceSignals:
    """What is known about how a tool came into the company.

    `departments` counts the people who use it by department; `people` is their total, with those whose
    department is not known. `mcc` are card networks' merchant category codes, `accounts` ledger accounts
    and expense categories in words. `unresolved` says that only a reseller is known, not the product.
    """

    departments: Mapping[str, int] = field(default_factory=dict)
    people: int = 0
    scopes: tuple[str, ...] = ()
    mcc: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    name: str = ""
    domain: str = ""
    unresolved: bool = False


class Audience(NamedTuple):
    """Whose tool it is, how sure that is (0 to 1), and why, in sentences."""

    value: Value
    confidence: float
    reasons: tuple[str, ...]


class _Sign(NamedTuple):
    weight: float
    kind: str
    reason: str


_MARKETING_TEAMS = word_set(
    "marketing brand communications comms pr advertising growth content social demand events creative "
    "ecommerce digital campaign campaigns crm seo media"
)
_NOT_MARKETING_TEAMS = word_set(
    "engineering it legal finance hr people security accounting procurement support sales"
)
_SCOPE_SIGNS: dict[str, tuple[float, str]] = {
    "adwords": (2.0, "Google Ads"),
    "display-video": (2.0, "Display & Video 360"),
    "doubleclickbidmanager": (2.0, "Display & Video 360"),
    "dfareporting": (2.0, "Campaign Manager"),
    "dfatrafficking": (2.0, "Campaign Manager"),
    "doubleclicksearch": (2.0, "Search Ads 360"),
    "analytics": (1.0, "Google Analytics"),
    "analytics.readonly": (1.0, "Google Analytics"),
    "analytics.edit": (1.0, "Google Analytics"),
    "webmasters": (1.0, "Search Console"),
    "webmasters.readonly": (1.0, "Search Console"),
    "tagmanager.edit.containers": (1.0, "Tag Manager"),
    "tagmanager.publish": (1.0, "Tag Manager"),
    "tagmanager.readonly": (1.0, "Tag Manager"),
    "content": (1.0, "Merchant Center"),
    "business.manage": (1.0, "Business Profile"),
    "adsense": (1.0, "AdSense"),
    "adsense.readonly": (1.0, "AdSense"),
    "youtube": (0.75, "YouTube"),
    "youtube.upload": (0.75, "YouTube"),
    "youtube.readonly": (0.5, "YouTube"),
    "yt-analytics.readonly": (1.0, "YouTube Analytics"),
    "cloud-platform": (-1.5, "Google Cloud"),
    "cloud-platform.read-only": (-1.5, "Google Cloud"),
    "admin.directory.user": (-1.5, "administering accounts"),
    "admin.directory.user.security": (-1.5, "administering accounts"),
    "script.projects": (-0.5, "scripts"),
}
_OTHER_SCOPES: dict[str, tuple[float, str]] = {
    "https://ads.microsoft.com/msads.manage": (2.0, "Microsoft Advertising"),
    "ads_management": (2.0, "Meta Ads"),
    "ads_read": (2.0, "Meta Ads"),
    "pages_manage_posts": (1.0, "Facebook pages"),
    "instagram_content_publish": (1.0, "Instagram"),
    "r_ads": (2.0, "LinkedIn Ads"),
    "rw_ads": (2.0, "LinkedIn Ads"),
    "w_organization_social": (1.0, "LinkedIn pages"),
}
_MCC: dict[str, tuple[float, str]] = {
    "7311": (1.0, "advertising services"),
    "7333": (0.5, "photography and graphics"),
    "7338": (0.25, "copying and reproduction"),
    "5968": (0.25, "direct marketing, subscriptions"),
    "2741": (0.25, "publishing and printing"),
    "7361": (-1.0, "employment agencies"),
    "8111": (-1.5, "legal services"),
    "8931": (-1.0, "accounting"),
    "6300": (-1.5, "insurance"),
    "4511": (-1.5, "airlines"),
    "5812": (-1.5, "restaurants"),
    "8299": (-0.5, "education"),
    "4816": (0.0, "computer network services"),
}
_ACCOUNT_WORDS = word_set(
    "advertising advertisement ads marketing promotion promotions promotional media pr brand branding "
    "campaign campaigns seo sem ppc sponsorship sponsorships tradeshow tradeshows webinar webinars "
    "influencer influencers werbung marketingkosten"
)
_OTHER_ACCOUNT_WORDS = word_set(
    "payroll hr recruiting recruitment legal engineering hosting infrastructure rent insurance travel "
    "meals training accounting audit tax utilities security telecom development"
)
_NAME_WORDS = word_set(
    "marketing advertising ads seo sem ppc newsletter newsletters mailing campaign campaigns influencer "
    "influencers affiliate affiliates retargeting hashtag instagram tiktok linkedin social branding "
    "webinar webinars landingpage leads popup popups backlink backlinks serp utm martech adtech "
    "attribution creators audience audiences"
)
_OTHER_NAME_WORDS = word_set(
    "payroll hr recruiting ats devops ci cd kubernetes vpn firewall backup accounting invoice invoicing "
    "tax legal contracts expense expenses timesheet helpdesk antivirus password passwords database "
    "monitoring"
)
_UNRESOLVED = "Only the reseller is known, not what was bought, so nobody can say whose tool it is."
_AGAINST = 1.5
_CLEAR = 0.5
_MANY = 4
_NEARLY_ALL = 0.9
_MARKETING = 2.0
_OTHER = -1.5


def audience(product: Product | None, signals: AudienceSignals, kb: KnowledgeBase | None = None) -> Audience:
    """Say whether a tool is a marketing tool.

    Args:
        product: what the tool was identified as, or None.
        signals: the evidence; read only if the tool is not identified.
        kb: the knowledge base, for the category's name; the shipped one if None.

    Returns:
        The value with its confidence and at least one reason. "unsure" if the evidence is thin or
        contradicts itself.
    """
    if product is not None:
        category = (kb or default_knowledge_base()).category_name(product)
        belongs = "a marketing tool" if product.audience == "marketing" else "not a marketing tool"
        reason = f"{product.name} is listed under “{category}” in the knowledge base, {belongs}."
        return Audience(product.audience, 0.95, (reason,))
    if signals.unresolved:
        return Audience("unsure", 0.1, (_UNRESOLVED,))
    signs = [s for s in _signs(signals) if s.weight]
    balance = sum(sign.weight for sign in signs)
    speaking = {sign.kind for sign in signs if sign.weight > 0}
    reasons = tuple(sign.reason for sign in sorted(signs, key=lambda s: -abs(s.weight)))
    if balance >= _MARKETING and (len(speaking) >= 2 or "scopes" in speaking):
        return Audience("marketing", round(min(0.9, 0.5 + balance / 10), 2), reasons)
    team = _one_team(signals, signs)
    if team is not None:
        return Audience("marketing", team.weight, (team.reason, *reasons))
    if balance <= _OTHER:
        return Audience("other", round(min(0.85, 0.5 - balance / 10), 2), reasons)
    closing = "The evidence is not enough to say whose tool it is."
    return Audience("unsure", round(max(0.1, 0.5 - abs(balance) / 10), 2), (*reasons, closing))


def _signs(signals: AudienceSignals) -> Iterable[_Sign]:
    yield from _department_signs(signals)
    yield from _scope_signs(signals.scopes)
    for code in sorted(set(signals.mcc)):
        weight, words = _MCC.get(code.strip(), (0.0, ""))
        toward = "which suits a marketing tool" if weight > 0 else "which does not suit a marketing tool"
        yield _Sign(weight, "mcc", f"The card network files the merchant under {words}, {toward}.")
    for account in sorted(set(signals.accounts)):
        words = set(words_of(fold(account)))
        if words & _ACCOUNT_WORDS:
            yield _Sign(1.0, "accounts", f"It is booked as “{account}”, a marketing expense.")
        elif words & _OTHER_ACCOUNT_WORDS:
            yield _Sign(-1.0, "accounts", f"It is booked as “{account}”, not a marketing expense.")
    words = set(words_of(fold(f"{signals.name} {signals.domain}")))
    for found in sorted(words & _NAME_WORDS)[:1]:
        yield _Sign(1.0, "name", f"Its name or domain says “{found}”.")
    for found in sorted(words & _OTHER_NAME_WORDS)[:1]:
        yield _Sign(-1.0, "name", f"Its name or domain says “{found}”, which is not marketing.")


def is_marketing_team(department: str) -> bool:
    """Say whether a department's name is that of a marketing team (`Brand & Communications`)."""
    words = set(words_of(fold(department)))
    if "marketing" in words:
        return True
    return bool(words & _MARKETING_TEAMS) and not words & _NOT_MARKETING_TEAMS


def _one_team(signals: AudienceSignals, signs: Iterable[_Sign]) -> _Sign | None:
    """Say that a tool is marketing's because nearly nobody else uses it.

    Four people are enough by themselves, unless a sign speaks against it; two or three need a clear
    sign of another kind beside them.
    """
    total = max(sum(n for n in signals.departments.values() if n > 0), signals.people)
    marketing = sum(n for name, n in signals.departments.items() if n > 0 and is_marketing_team(name))
    others = [sign for sign in signs if sign.kind != "departments"]
    if any(sign.weight <= -_AGAINST for sign in others) or sum(sign.weight for sign in others) < 0:
        return None
    said = f"{marketing} of the {total} people who use it work in marketing teams"
    if total >= _MANY and marketing >= _NEARLY_ALL * total:
        return _Sign(0.6 if marketing < total else 0.65, "team", f"{said}, which is enough by itself.")
    if total >= 2 and marketing == total and any(sign.weight >= _CLEAR for sign in others):
        return _Sign(0.6, "team", f"{said}, and something else points the same way.")
    return None


def _department_signs(signals: AudienceSignals) -> Iterable[_Sign]:
    counts = {name: count for name, count in signals.departments.items() if count > 0}
    known = sum(counts.values())
    if not known:
        return
    total = max(known, signals.people)
    marketing = sum(count for name, count in counts.items() if is_marketing_team(name))
    share = marketing / total
    said = f"{marketing} of the {total} people who use it work in marketing teams"
    if share >= 0.75:
        yield _Sign(1.5 if marketing >= 2 else 1.25, "departments", f"{said}.")
    elif share >= 0.5:
        yield _Sign(0.5, "departments", f"{said}, the others elsewhere.")
    elif known >= 3 and marketing / known <= 0.2:
        spread = f"{said}; it is used in {len(counts)} departments." if len(counts) > 2 else f"{said}."
        yield _Sign(-1.5, "departments", spread)
    elif len(counts) >= 3:
        yield _Sign(-1.0, "departments", f"{said}; it is used in {len(counts)} departments.")


def _scope_signs(scopes: Iterable[str]) -> Iterable[_Sign]:
    """Give the strongest scope in full and the further ones at a quarter: they tell the same story."""
    found: dict[str, float] = {}
    for scope in scopes:
        permission = google_permission(scope)
        sign = _SCOPE_SIGNS.get(permission) if permission else _OTHER_SCOPES.get(scope.strip().lower())
        if sign:
            weight, words = sign
            found[words] = max(found.get(words, weight), weight, key=abs)
    for at, (words, weight) in enumerate(sorted(found.items(), key=lambda item: (-abs(item[1]), item[0]))):
        toward = "marketing works with" if weight > 0 else "other teams work with"
        yield _Sign(
            weight if at == 0 or weight <= 0.25 else weight / 4,
            "scopes",
            f"It may use {words}, which {toward}." if abs(weight) >= 0.5 else f"It may use {words}.",
        )
