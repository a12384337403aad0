"""What the simulated Graph knows of its own schema: properties, filters, error bodies.

Property names are those of the v1.0 metadata (the subset that a discovery may ask for).
"""

import re

import orjson


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SELECTABLE: dict[str, frozenset[str]] = {
    "organization": _words(
        "id displayName verifiedDomains tenantType createdDateTime countryLetterCode city"
    ),
    "users": _words(
        "id userPrincipalName mail displayName givenName surname department jobTitle companyName employeeId "
        "employeeType employeeHireDate accountEnabled userType createdDateTime isResourceAccount "
        "proxyAddresses otherMails officeLocation mobilePhone businessPhones preferredLanguage city "
        "country externalUserState signInActivity usageLocation mailNickname creationType"
    ),
    "servicePrincipals": _words(
        "id deletedDateTime accountEnabled addIns alternativeNames appDescription appDisplayName appId "
        "applicationTemplateId appOwnerOrganizationId appRoleAssignmentRequired appRoles createdByAppId "
        "customSecurityAttributes description disabledByMicrosoftStatus displayName homepage info "
        "isDisabled keyCredentials loginUrl logoutUrl notes notificationEmailAddresses "
        "oauth2PermissionScopes passwordCredentials preferredSingleSignOnMode "
        "preferredTokenSigningKeyThumbprint replyUrls resourceSpecificApplicationPermissions "
        "samlSingleSignOnSettings servicePrincipalNames servicePrincipalType signInAudience tags "
        "tokenEncryptionKeyId verifiedPublisher"
    ),
    "oauth2PermissionGrants": _words("id clientId consentType principalId resourceId scope"),
    "appRoleAssignments": _words(
        "id deletedDateTime appRoleId createdDateTime principalDisplayName principalId principalType "
        "resourceDisplayName resourceId"
    ),
}
USER_DEFAULTS = _words(
    "id businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage "
    "surname userPrincipalName"
)
LOG_FIELDS = {"directoryAudits": "activityDateTime", "signIns": "createdDateTime"}
_FILTERABLE: dict[str, dict[str, frozenset[str]]] = {
    "oauth2PermissionGrants": dict.fromkeys(
        ("clientId", "consentType", "principalId", "resourceId"), frozenset({"eq"})
    ),
    "directoryAudits": {
        "activityDateTime": frozenset({"eq", "ge", "le"}),
        "activityDisplayName": frozenset({"eq"}),
        "category": frozenset({"eq"}),
    },
    "signIns": {
        "createdDateTime": frozenset({"eq", "ge", "le"}),
        "appId": frozenset({"eq"}),
        "userId": frozenset({"eq"}),
    },
}
_CLAUSE = re.compile(
    r"(\w+) (eq|ge|le|gt|lt) (?:'((?:[^']|'')*)'|(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z))"
)


class Refusal(Exception):
    """An answer in Graph's error envelope."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


def graph_error(code: str, message: str) -> bytes:
    """The body of a refusal."""
    inner = {"date": "2026-01-01T00:00:00", "request-id": "00000000-0000-0000-0000-000000000001"}
    return orjson.dumps({"error": {"code": code, "message": message, "innerError": inner}})


def parse_filter(text: str, kind: str) -> list[tuple[str, str, str]]:
    """The clauses of a $filter: field, operator, value.

    Raises:
        Refusal: a field or operator that this list does not filter by, or a date in quotes.
    """
    clauses: list[tuple[str, str, str]] = []
    for part in text.split(" and ") if text else ():
        found = _CLAUSE.fullmatch(part.strip())
        operators = _FILTERABLE.get(kind, {}).get(found[1], frozenset()) if found else frozenset()
        if found is None or found[2] not in operators:
            raise Refusal(400, "BadRequest", "Invalid filter clause")
        is_time = found[1] == LOG_FIELDS.get(kind)
        if is_time != (found[4] is not None):
            raise Refusal(400, "BadRequest", "Invalid filter clause")
        clauses.append((found[1], found[2], found[4] or found[3].replace("''", "'")))
    return clauses


def page_size(value: str | None, most: int, default: int) -> int:
    """What $top asks for.

    Raises:
        Refusal: more than the list gives in one page, or no number.
    """
    if value is None:
        return default
    if not value.isdigit() or not 1 <= int(value) <= most:
        raise Refusal(
            400,
            "Request_UnsupportedQuery",
            f"Invalid page size specified: '{value}'. Must be between 1 and {most} inclusive.",
        )
    return int(value)
