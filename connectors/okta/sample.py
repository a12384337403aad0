"""A small simulated org with one of everything that needs care; for tests and first tries."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from connectors.okta.world import (
    OktaWorld,
    Record,
    actor,
    app_group_record,
    app_record,
    app_targets,
    app_user_record,
    grant_record,
    integration_record,
    log_event,
    okta_id,
    user_record,
)


@cache
def _today() -> datetime:
    """One moment for the life of the process, so that two sample worlds are alike."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


def sample_world(now: datetime | None = None) -> OktaWorld:
    """A small org with one of everything that needs care.

    Args:
        now: the moment of its newest event; an hour ago when left out.
    """
    now = now or _today()
    old = now - timedelta(days=400)
    names = ("Ada Abt", "Ben Boll", "Cem Can", "Dora Dietz", "Eva Ems", "Finn Falk", "Gil Gross")
    users = []
    for number, name in enumerate(names, 1):
        first, last = name.split()
        address = f"{first}.{last}@acme.example".lower()
        profile = {"department": "Marketing", "title": "Manager", "managerId": "ada.abt@acme.example"}
        users.append(user_record(okta_id("00u", number), address, first, last, at=old, **profile))
    users[6]["status"] = "ACTIVATING"
    for number, name in ((8, "Hans Hopp"), (9, "Ida Iser")):
        first, last = name.split()
        address = f"{first}.{last}@acme.example".lower()
        gone = user_record(okta_id("00u", number), address, first, last, at=old, status="DEPROVISIONED")
        users.append(gone)
    ada, ben, cem, dora = users[:4]

    def app(number: int, key: str, label: str, mode: str, **more: Any) -> Record:
        return app_record(okta_id("0oa", number), key, label, mode, at=old, **more)

    hubspot = app(
        1,
        "hubspot_saml",
        "HubSpot",
        "SAML_2_0",
        features=["PUSH_NEW_USERS", "SCIM_PROVISIONING"],
        app={"siteURL": "https://app.hubspot.com/login"},
        sign_on={"ssoAcsUrlOverride": None, "audience": "https://api.hubspot.com/login-api/v1/saml/metadata"},
    )
    canva = app(2, "canva", "Canva", "BROWSER_PLUGIN", self_service=True, app=None)
    custom = app(
        3,
        "acme_peakinsights_1",
        "Peak Insights",
        "SAML_2_0",
        sign_on={"ssoAcsUrl": "https://sso.peakinsights.example/acs", "audience": "peakinsights"},
    )
    planner = app(
        4,
        "oidc_client",
        "Campaign Planner",
        "OPENID_CONNECT",
        client={
            "redirect_uris": [
                "https://planner.example/cb",
                "http://localhost:3000/cb",
                "com.planner.app:/cb",
            ],
            "client_uri": None,
            "application_type": "web",
        },
    )
    wiki = app(
        5, "bookmark", "Brand Wiki", "BOOKMARK", status="INACTIVE", app={"url": "https://wiki.acme.lan/"}
    )
    admin = app(6, "saasure", "Okta Admin Console", "OPENID_CONNECT")
    dashboard = app(7, "okta_enduser", "Okta Dashboard", "OPENID_CONNECT")
    apps = [hubspot, canva, custom, planner, wiki, admin, dashboard]

    everybody = [app_user_record(u, at=old, scope="GROUP") for u in users[:7]]
    group = app_group_record(okta_id("00g", 1), "Marketing", at=old)
    minutes = (now - timedelta(minutes=m) for m in range(40, 0, -1))
    sso = "user.authentication.sso"
    events = [
        log_event(1, sso, next(minutes), actor(ada), app_targets(hubspot, ada)),
        log_event(2, sso, next(minutes), actor(ben), app_targets(canva, ben)),
        log_event(3, sso, next(minutes), actor(ben), app_targets(canva, ben), result="FAILURE"),
        log_event(4, sso, next(minutes), actor(ada), app_targets(dashboard, ada)),
        log_event(5, sso, next(minutes), actor(cem), None),
        log_event(6, "user.session.start", next(minutes), actor(cem), None),
        log_event(
            7,
            "app.oauth2.as.consent.grant",
            next(minutes),
            actor(dora),
            [
                {
                    "id": okta_id("oag", 9),
                    "type": "scope",
                    "alternateId": None,
                    "displayName": "campaigns.read",
                    "detailEntry": {"publicclientapp": planner["id"], "user": dora["id"]},
                }
            ],
        ),
        log_event(
            8,
            "application.user_membership.add",
            next(minutes),
            actor(ben),
            [*app_targets(canva, ben)[::-1], actor(ben)],
        ),
        # Stored last, but an hour older than what was stored before it.
        log_event(9, sso, now - timedelta(hours=2), actor(cem), app_targets(custom, cem)),
    ]
    return OktaWorld(
        org_host="acme.okta.com",
        users=users,
        apps=apps,
        app_users={
            hubspot["id"]: everybody,
            canva["id"]: [app_user_record(ben, at=old)],
            custom["id"]: [app_user_record(cem, at=old), app_user_record(dora, at=old, status="IMPORTED")],
            planner["id"]: [app_user_record(dora, at=old)],
        },
        app_groups={hubspot["id"]: [group]},
        user_grants={
            dora["id"]: [
                grant_record(1, dora["id"], planner, "openid", at=old),
                grant_record(2, dora["id"], planner, "campaigns.read", at=old),
                grant_record(3, dora["id"], planner, "campaigns.manage", at=old, status="REVOKED"),
            ],
            ben["id"]: [grant_record(4, ben["id"], planner, "openid", at=old, source="ADMIN")],
        },
        integrations=[
            integration_record(
                okta_id("0oa", 21), "segment_sync", "Segment Sync", ["okta.users.read"], at=old
            )
        ],
        log=events,
    )
