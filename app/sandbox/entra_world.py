"""The company as Microsoft Graph shows it: the acquired subsidiary's tenant."""

from app.sandbox.company import Company
from app.sandbox.entra_directory import (
    TENANT,
    Record,
    grants,
    group_assignments,
    permissions,
    principals,
    sp,
    user,
)
from app.sandbox.entra_logs import audits, sign_ins
from app.sandbox.tools import Via


def entra_records(company: Company) -> Record:
    """The fields of `EntraWorld`, as plain records."""
    people = [p for p in company.people if p.in_entra]
    granted, assignments = grants(company)
    for adoption in company.using(Via.ENTRA_SSO):
        ref = sp(company, adoption.tool.key)
        assignments.setdefault(ref, []).extend(group_assignments(company, adoption, ref))
    return {
        "tenant_id": TENANT,
        "users": [user(company, p) for p in people],
        "service_principals": principals(company),
        "permission_grants": granted,
        "app_role_assignments": assignments,
        "app_permissions": permissions(company),
        "directory_audits": audits(company),
        "sign_ins": sign_ins(company),
        "organization": {
            "displayName": f"{company.subsidiary} GmbH",
            "verifiedDomains": [
                {"name": "fennmark.example", "isDefault": True, "isInitial": False, "type": "Managed"},
                {"name": company.domain, "isDefault": False, "isInitial": False, "type": "Managed"},
            ],
        },
    }
