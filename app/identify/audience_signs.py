"""What scopes and merchant category codes say about whose tool it is.

Data and exact look-ups only. Scopes are the providers' own names; codes and headings are those of
ISO 18245 with the card networks' private ranges. What is not listed says nothing either way: software
shops (5734, 5817, 5818), data processing (7372) and the like sell to everybody.
"""

from typing import NamedTuple

from app.identify.scopes import google_permission


class ScopeSign(NamedTuple):
    """What a scope says: toward marketing or away from it, about which service, and whether it publishes."""

    weight: float
    service: str
    publishes: bool = False


class CodeSign(NamedTuple):
    """What a merchant category code says, and the heading it stands under."""

    weight: float
    heading: str


DECISIVE = 2.0
"""A scope of this weight decides by itself: nobody but marketing lets a tool run its advertisements."""

_ADMIN = ScopeSign(-1.5, "the administration of accounts")
_CODE = ScopeSign(-1.5, "source code")

_GOOGLE: dict[str, ScopeSign] = {
    **dict.fromkeys(["adwords"], ScopeSign(2.0, "Google Ads")),
    **dict.fromkeys(
        ["display-video", "display-video-mediaplanning", "doubleclickbidmanager"],
        ScopeSign(2.0, "Display & Video 360"),
    ),
    **dict.fromkeys(["dfareporting", "dfatrafficking", "ddmconversions"], ScopeSign(2.0, "Campaign Manager")),
    "doubleclicksearch": ScopeSign(2.0, "Search Ads 360"),
    **dict.fromkeys(["datamanager", "datamanager.partnerlink"], ScopeSign(2.0, "Google Ads audiences")),
    **dict.fromkeys(
        ["adexchange.buyer", "realtime-bidding", "authorized-buyers-marketplace"],
        ScopeSign(2.0, "Authorized Buyers"),
    ),
    **dict.fromkeys(
        [
            "analytics",
            "analytics.readonly",
            "analytics.edit",
            "analytics.manage.users",
            "analytics.manage.users.readonly",
            "analytics.provision",
            "analytics.user.deletion",
            "marketingplatformadmin.analytics.read",
            "marketingplatformadmin.analytics.update",
        ],
        ScopeSign(1.0, "Google Analytics"),
    ),
    **dict.fromkeys(["webmasters", "webmasters.readonly", "indexing"], ScopeSign(1.0, "Search Console")),
    **dict.fromkeys(["siteverification", "siteverification.verify_only"], ScopeSign(0.25, "your web sites")),
    **dict.fromkeys(
        [
            "tagmanager.readonly",
            "tagmanager.edit.containers",
            "tagmanager.edit.containerversions",
            "tagmanager.delete.containers",
            "tagmanager.publish",
            "tagmanager.manage.accounts",
            "tagmanager.manage.users",
        ],
        ScopeSign(1.0, "Tag Manager"),
    ),
    "content": ScopeSign(1.0, "Merchant Center"),
    **dict.fromkeys(["business.manage", "plus.business.manage"], ScopeSign(1.0, "Business Profile")),
    **dict.fromkeys(["adsense", "adsense.readonly", "adsensehost"], ScopeSign(1.0, "AdSense")),
    **dict.fromkeys(["admob.readonly", "admob.report"], ScopeSign(0.5, "AdMob")),
    "dfp": ScopeSign(1.0, "Ad Manager"),
    **dict.fromkeys(["youtube", "youtube.force-ssl", "youtubepartner"], ScopeSign(0.75, "YouTube")),
    "youtube.upload": ScopeSign(0.75, "YouTube", publishes=True),
    "youtube.readonly": ScopeSign(0.5, "YouTube"),
    **dict.fromkeys(
        ["yt-analytics.readonly", "yt-analytics-monetary.readonly"], ScopeSign(1.0, "YouTube Analytics")
    ),
    **dict.fromkeys(["blogger", "blogger.readonly"], ScopeSign(0.5, "Blogger")),
    **dict.fromkeys(
        [
            "cloud-platform",
            "cloud-platform.read-only",
            "compute",
            "container",
            "sqlservice.admin",
            "logging.admin",
        ],
        ScopeSign(-1.5, "Google Cloud"),
    ),
    **dict.fromkeys(["bigquery", "bigquery.readonly"], ScopeSign(-0.5, "BigQuery")),
    **dict.fromkeys(
        [
            "admin.directory.user",
            "admin.directory.user.readonly",
            "admin.directory.user.security",
            "admin.directory.group",
            "admin.directory.group.readonly",
            "admin.directory.group.member",
            "admin.directory.orgunit",
            "admin.directory.orgunit.readonly",
            "admin.directory.device.mobile",
            "admin.directory.device.chromeos",
            "admin.directory.rolemanagement",
            "admin.reports.audit.readonly",
            "apps.groups.settings",
            "cloud-identity.groups",
            "ediscovery",
            "ediscovery.readonly",
        ],
        _ADMIN,
    ),
    **dict.fromkeys(["script.projects", "script.deployments"], ScopeSign(-0.5, "scripts")),
    "calendar.events": ScopeSign(-0.25, "calendars"),
    "classroom.courses": ScopeSign(-1.0, "Classroom"),
}

_OTHERS: dict[str, ScopeSign] = {
    "https://ads.microsoft.com/msads.manage": ScopeSign(2.0, "Microsoft Advertising"),
    **dict.fromkeys(["ads_management", "ads_read", "pages_manage_ads"], ScopeSign(2.0, "Meta Ads")),
    "leads_retrieval": ScopeSign(1.5, "Meta lead forms"),
    "catalog_management": ScopeSign(1.0, "Meta catalogs"),
    "business_management": ScopeSign(0.5, "Meta business accounts"),
    "pages_manage_posts": ScopeSign(1.0, "Facebook pages", publishes=True),
    **dict.fromkeys(
        [
            "pages_read_engagement",
            "pages_manage_engagement",
            "pages_read_user_content",
            "pages_manage_metadata",
        ],
        ScopeSign(0.75, "Facebook pages"),
    ),
    "read_insights": ScopeSign(1.0, "Facebook statistics"),
    **dict.fromkeys(["pages_show_list", "pages_messaging"], ScopeSign(0.5, "Facebook pages")),
    **dict.fromkeys(
        ["instagram_content_publish", "instagram_business_content_publish"],
        ScopeSign(1.0, "Instagram", publishes=True),
    ),
    **dict.fromkeys(
        ["instagram_manage_insights", "instagram_business_manage_insights"],
        ScopeSign(1.0, "Instagram statistics"),
    ),
    **dict.fromkeys(
        [
            "instagram_basic",
            "instagram_business_basic",
            "instagram_manage_comments",
            "instagram_business_manage_comments",
        ],
        ScopeSign(0.5, "Instagram"),
    ),
    **dict.fromkeys(["whatsapp_business_management"], ScopeSign(0.5, "WhatsApp Business")),
    **dict.fromkeys(
        [
            "r_ads",
            "rw_ads",
            "r_ads_reporting",
            "rw_conversions",
            "rw_dmp_segments",
            "r_ads_leadgen_automation",
            "r_marketing_leadgen_automation",
        ],
        ScopeSign(2.0, "LinkedIn Ads"),
    ),
    "w_organization_social": ScopeSign(1.0, "LinkedIn pages", publishes=True),
    **dict.fromkeys(
        [
            "r_organization_social",
            "rw_organization_admin",
            "r_organization_admin",
            "r_organization_followers",
        ],
        ScopeSign(1.0, "LinkedIn pages"),
    ),
    "w_member_social": ScopeSign(0.5, "LinkedIn"),
    "tweet.write": ScopeSign(0.75, "X", publishes=True),
    "tweet.read": ScopeSign(0.5, "X"),
    **dict.fromkeys(["video.publish", "video.upload"], ScopeSign(0.75, "TikTok", publishes=True)),
    "video.list": ScopeSign(0.5, "TikTok"),
    **dict.fromkeys(["ads:read", "ads:write"], ScopeSign(2.0, "Pinterest Ads")),
    **dict.fromkeys(["catalogs:read", "catalogs:write"], ScopeSign(1.0, "Pinterest catalogs")),
    "pins:write": ScopeSign(1.0, "Pinterest", publishes=True),
    "pins:read": ScopeSign(0.5, "Pinterest"),
    "snapchat-marketing-api": ScopeSign(2.0, "Snapchat Ads"),
    "snapchat-profile-api": ScopeSign(0.75, "Snapchat", publishes=True),
    **dict.fromkeys(
        ["advertising::campaign_management", "advertising::account_management"], ScopeSign(2.0, "Amazon Ads")
    ),
    **dict.fromkeys(
        [
            "marketing-email",
            "marketing.campaigns.read",
            "marketing.campaigns.write",
            "marketing.campaigns.revenue.read",
            "crm.objects.marketing_events.read",
            "crm.objects.marketing_events.write",
        ],
        ScopeSign(1.5, "HubSpot's marketing"),
    ),
    "pardot_api": ScopeSign(1.5, "Salesforce's marketing"),
    **dict.fromkeys(
        [
            "campaign_read",
            "campaign_write",
            "journeys_read",
            "list_and_subscribers_read",
            "list_and_subscribers_write",
            "email_send",
            "sms_send",
        ],
        ScopeSign(1.5, "Salesforce's marketing"),
    ),
    "campaign_data": ScopeSign(1.5, "Constant Contact campaigns"),
    **dict.fromkeys(["campaigns:read", "campaigns:write"], ScopeSign(1.0, "campaigns")),
    **dict.fromkeys(
        ["read_marketing_events", "write_marketing_events"], ScopeSign(1.25, "a shop's marketing")
    ),
    **dict.fromkeys(
        ["repo", "read:org", "admin:org", "workflow", "read_repository", "write_repository"], _CODE
    ),
}

_GRAPH = "https://graph.microsoft.com/"
_GRAPH_SIGNS: dict[str, ScopeSign] = dict.fromkeys(
    [
        "directory.read.all",
        "directory.readwrite.all",
        "application.readwrite.all",
        "auditlog.read.all",
        "rolemanagement.readwrite.directory",
        "devicemanagementmanageddevices.readwrite.all",
        "group.readwrite.all",
        "user.readwrite.all",
    ],
    _ADMIN,
)


def scope_sign(scope: str) -> ScopeSign | None:
    """Say what one OAuth scope tells about whose tool it is.

    Args:
        scope: as the provider states it; compared whole, or by what follows the provider's own address.

    Returns:
        The sign; None for a scope that says nothing or is not known.
    """
    permission = google_permission(scope)
    if permission is not None:
        return _GOOGLE.get(permission.rstrip("/"))
    text = scope.strip().lower()
    if text.startswith("okta."):
        return _ADMIN
    if text.startswith(_GRAPH):
        return _GRAPH_SIGNS.get(text[len(_GRAPH) :])
    return _OTHERS.get(text) or _GRAPH_SIGNS.get(text)


# Weight, heading, codes; "a-b" is a range.
_GROUPS: tuple[tuple[float, str, str], ...] = (
    (1.0, "advertising services", "7311"),
    (0.5, "commercial photography, art and graphics", "7333"),
    (0.25, "management, consulting and public relations", "7392"),
    (0.25, "publishing, printing and typesetting", "2741 2791"),
    (0.25, "copying and reproduction", "7332 7338"),
    (0.25, "photographic studios and laboratories", "7221 7395"),
    (0.25, "film and video production", "7829"),
    (0.25, "direct marketing", "5964 5965 5966 5967 5968 5969"),
    (-2.0, "airlines and airports", "3000-3350 4511 4582"),
    (-2.0, "car rental", "3351-3500 7512 7513 7519"),
    (-2.0, "hotels and lodging", "3501-3999 7011 7012 7032 7033"),
    (-2.0, "travel agencies", "4722 4723 5962"),
    (-2.0, "railways, buses, taxis and ships", "4011 4111 4112 4119 4121 4131 4411 4457 4468 4784 4789"),
    (-2.0, "restaurants, bars and catering", "5811 5812 5813 5814"),
    (-2.0, "fuel and charging", "5172 5541 5542 5552 5983"),
    (
        -2.0,
        "vehicles, parking and repairs",
        "5511 5521 5551 5531-5533 5561 5571 5592 5598 5599 7523 7531 7534 7535 7538 7542 7549",
    ),
    (
        -2.0,
        "medical services",
        "5047 5122 5912 5975 5976 8011 8021 8031 8041-8044 8049 8050 8062 8071 8099 7280 0742",
    ),
    (-2.0, "government, courts and taxes", "9211 9222 9223 9311 9399 9400 9402 9405"),
    (-2.0, "schools and universities", "8211 8220 8241 8351"),
    (-2.0, "gambling and amusement", "7800-7802 9406 7911 7929 7932 7933 7941 7991-7999"),
    (-2.0, "personal services", "7210 7211 7216 7217 7230 7251 7261 7273 7277 7296-7298"),
    (
        -1.5,
        "shops for goods",
        "5013 5021 5039 5046 5051 5065 5072 5074 5085 5094 5099 5131 5137 5139 5169 5192 5193 5198 5199 5200 "
        "5211 5231 5251 5261 5271 5300 5309-5311 5331 5399 5411 5422 5441 5451 5462 5499 5611 5621 5631 "
        "5641 5651 5655 5661 5681 5691 5697-5699 5712-5715 5718 5719 5722 5732 5733 5735 5832 5921 5931-5933 "
        "5935 5937 5940-5942 5944 5945 5948-5950 5970-5973 5977 5978 5992-5999",
    ),
    (
        -1.5,
        "building, cleaning and maintenance",
        "0763 0780 1520 1711 1731 1740 1750 1761 1771 1799 2842 7342 7349 7622 7623 7629 7631 7641 7692 7699",
    ),
    (-1.5, "freight, couriers and storage", "4214 4215 4225"),
    (-1.5, "insurance", "5960 6300 6381 6399"),
    (-1.5, "banks and brokers", "4829 6010 6011 6012 6051 6211"),
    (-1.5, "legal services", "8111"),
    (-1.5, "accounting and tax preparation", "8931 7276"),
    (-1.5, "employment agencies", "7361"),
    (-1.5, "rents, estate agents and equipment hire", "6513 7013 7394"),
    (-1.5, "security services", "7393"),
    (-1.5, "utilities", "4900"),
    (-1.5, "credit reports and debt collection", "7321 7322"),
    (-1.5, "engineering and testing laboratories", "8911 8734"),
    (-1.0, "telecommunications", "4812 4814 4815 4821 4899"),
    (-1.0, "office equipment and supplies", "5044 5111 5943"),
    (-1.0, "computers and their repair", "5045 7379"),
    (-1.0, "associations and churches", "8398 8641 8651 8661 8675 8699"),
    (-1.0, "theatres and tickets", "7832 7841 7922"),
    (-0.5, "schools and courses", "8244 8249 8299"),
    (-0.5, "secretarial services", "7339"),
)


def _codes() -> dict[str, CodeSign]:
    signs: dict[str, CodeSign] = {}
    for weight, heading, codes in _GROUPS:
        for part in codes.split():
            first, _, last = part.partition("-")
            for number in range(int(first), int(last or first) + 1):
                signs[f"{number:04}"] = CodeSign(weight, heading)
    return signs


_CODES = _codes()


def phrases() -> frozenset[str]:
    """What scopes and codes are called in sentences, for those who translate them."""
    scopes = {sign.service for table in (_GOOGLE, _OTHERS, _GRAPH_SIGNS) for sign in table.values()}
    return frozenset({heading for _weight, heading, _codes_ in _GROUPS} | scopes)


def code_sign(code: str) -> CodeSign | None:
    """Say what a merchant category code (ISO 18245, four digits) tells; None for one that says nothing."""
    return _CODES.get(code.strip())
