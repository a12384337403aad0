"""What the Okta connector makes of an app: how it is entered, who runs it, which handles name it."""

from typing import Any

import pytest

from connectors.identifiers import APP_NAME, DOMAIN, OKTA_APP_ID, OKTA_APP_KEY
from connectors.observations import AppSeen, SignOn
from connectors.okta import records
from connectors.okta.scim import BadFilter, parse
from connectors.okta.world import OktaWorld, app_record, okta_id
from tests.connectors.okta_support import OLD, read_from, seen, simulator

HOSTS = ("acme-corp.okta.com",)
REF = okta_id("0oa", 1)


def app(key: str = "hubspot", mode: str = "SAML_2_0", **more: Any) -> AppSeen:
    host = more.pop("host", "acme-corp.okta.com")
    record = app_record(REF, key, "HubSpot", mode, at=OLD, host=host, **more)
    found = records.app(record, HOSTS)
    assert found is not None
    return found


def values(seen_app: AppSeen, kind: str) -> list[str]:
    return [i.value for i in seen_app.identifiers if i.kind == kind]


def domains(**settings: Any) -> list[str]:
    return values(app(**settings), DOMAIN)


@pytest.mark.parametrize(
    ("mode", "sign_on"),
    [
        ("SAML_2_0", SignOn.SAML),
        ("SAML_1_1", SignOn.SAML),
        ("OPENID_CONNECT", SignOn.OIDC),
        ("WS_FEDERATION", SignOn.WS_FEDERATION),
        ("AUTO_LOGIN", SignOn.PASSWORD),
        ("BASIC_AUTH", SignOn.PASSWORD),
        ("BROWSER_PLUGIN", SignOn.PASSWORD),
        ("SECURE_PASSWORD_STORE", SignOn.PASSWORD),
        ("BOOKMARK", SignOn.BOOKMARK),
        ("TELEPATHY", SignOn.UNKNOWN),
    ],
)
def test_every_sign_on_mode_is_understood_and_a_new_one_accepted(mode: str, sign_on: SignOn) -> None:
    assert app(mode=mode).sign_on is sign_on


def test_an_app_carries_its_id_its_label_and_its_catalogue_key() -> None:
    found = app("hubspot")
    assert values(found, OKTA_APP_ID) == [REF]
    assert values(found, APP_NAME) == ["HubSpot"]
    assert values(found, OKTA_APP_KEY) == ["hubspot"]
    assert found.created_at == OLD


@pytest.mark.parametrize(
    "key",
    [
        "acme-corp_hubspot_1",
        "acmecorp_hubspot_1",
        "acme_corp_peak_insights_12",
        "oidc_client",
        "bookmark",
        "template_swa",
        "template_saml_2_0",
    ],
)
def test_generated_and_generic_keys_are_no_identifiers(key: str) -> None:
    assert values(app(key), OKTA_APP_KEY) == []


@pytest.mark.parametrize("key", ["zoomus", "office365", "amazon_aws", "concur_travel_2", "templafy"])
def test_catalogue_keys_are_kept_also_when_they_look_generated(key: str) -> None:
    assert values(app(key), OKTA_APP_KEY) == [key]


def test_behind_a_custom_domain_generated_keys_are_known_by_the_links() -> None:
    record = app_record(REF, "globex_crm_1", "CRM", "SAML_2_0", at=OLD, host="globex.okta.com")
    found = records.app(record, ("login.acme.example",))
    assert found is not None
    assert values(found, OKTA_APP_KEY) == []


@pytest.mark.parametrize("features", [["PUSH_NEW_USERS"], ["SCIM_PROVISIONING"], ["PUSH_USER_DEACTIVATION"]])
def test_features_that_push_accounts_mean_provisioning(features: list[str]) -> None:
    assert app(features=features).provisioning


@pytest.mark.parametrize("features", [[], ["IMPORT_NEW_USERS", "PROFILE_MASTERING", "NO_SCIM_PROVISIONING"]])
def test_imports_and_look_alikes_are_no_provisioning(features: list[str]) -> None:
    assert not app(features=features).provisioning


def test_self_service_and_status_are_facts_of_an_app() -> None:
    assert app(self_service=True).self_service
    assert not app().self_service
    assert not app(status="INACTIVE").active


def test_nulls_that_oktas_schema_forbids_do_not_cost_an_app() -> None:
    record = app_record(REF, "hubspot", "HubSpot", "SAML_2_0", at=OLD)
    assert record["accessibility"]["errorRedirectUrl"] is None
    for field in ("accessibility", "visibility", "features", "settings", "_links", "signOnMode", "created"):
        found = records.app({**record, field: None}, HOSTS)
        assert found is not None
        assert found.name == "HubSpot"
    settings = {"app": None, "signOn": None, "oauthClient": {"redirect_uris": None}}
    assert records.app({**record, "settings": settings}, HOSTS) is not None


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"app": {"url": "https://App.HubSpot.com:443/login"}}, ["app.hubspot.com"]),
        ({"app": {"loginUrl": "https://www.canva.com/login"}}, ["canva.com"]),
        ({"app": {"authURL": "http://ads.example.org/auth"}}, ["ads.example.org"]),
        ({"app": {"siteURL": "https://acme-corp.workday.com"}}, ["acme-corp.workday.com"]),
        ({"app": {"domain": "acme.zendesk.com"}}, ["acme.zendesk.com"]),
        ({"app": {"username": "https://nowhere.example"}}, []),
        (
            {"sign_on": {"ssoAcsUrl": "https://sso.peak.example/acs", "audience": "peak"}},
            ["sso.peak.example"],
        ),
        ({"sign_on": {"audience": "https://saml.peak.example/metadata"}}, ["saml.peak.example"]),
        ({"sign_on": {"audience": "urn:amazon:webservices"}}, []),
        ({"client": {"redirect_uris": ["https://*.planner.example/cb"]}}, ["planner.example"]),
        (
            {"client": {"client_uri": "https://planner.example", "redirect_uris": ["com.app:/cb"]}},
            ["planner.example"],
        ),
    ],
)
def test_domains_come_from_wherever_an_app_keeps_its_addresses(
    settings: dict[str, Any], expected: list[str]
) -> None:
    assert domains(**settings) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://acme-corp.okta.com/home/bookmark/1",
        "https://acme-corp-admin.okta.com/admin",
        "https://other.oktapreview.com/sso",
        "https://acme-corp.com/intranet",
        "https://shop.acmecorp.co.uk",
        "http://localhost:3000/cb",
        "https://127.0.0.1/cb",
        "https://[::1]/cb",
        "https://10.1.2.3/wiki",
        "https://8.8.8.8/dns",
        "https://wiki/",
        "https://wiki.acme.lan/",
        "https://tools.corp",
        "https://${org.domain}/sso",
        "https://[broken",
        "javascript:alert(1)",
        "",
    ],
)
def test_the_orgs_own_private_and_unreadable_addresses_name_no_maker(url: str) -> None:
    assert domains(app={"url": url}) == []


def test_an_app_that_lives_only_inside_the_company_is_internal() -> None:
    assert app("bookmark", app={"url": "https://wiki.acme.lan/"}).internal
    assert app(
        "oidc_client", client={"redirect_uris": ["http://localhost/cb", "https://10.0.0.7/cb"]}
    ).internal
    assert not app(
        "oidc_client", client={"redirect_uris": ["http://localhost/cb", "https://x.example/"]}
    ).internal
    assert not app("hubspot", app={"url": "http://localhost/"}).internal
    assert app("oidc_client", client={"redirect_uris": ["https://tools.acmecorp.com/cb"]}).internal
    assert not app("oidc_client", client={"redirect_uris": ["https://acme-corp.okta.com/cb"]}).internal
    assert not app("oidc_client").internal


def test_facts_are_short_and_plain() -> None:
    facts = app("hubspot", features=["SCIM_PROVISIONING", "GROUP_PUSH"]).facts
    assert facts == {
        "sign_on_mode": "SAML_2_0",
        "status": "ACTIVE",
        "catalogue_key": "hubspot",
        "features": "GROUP_PUSH, SCIM_PROVISIONING",
    }


@pytest.mark.parametrize("key", ["saasure", "okta_enduser", "okta_browser_plugin"])
async def test_oktas_own_apps_are_left_out_and_counted(key: str) -> None:
    own = app_record(REF, key, "Okta something", "OPENID_CONNECT", at=OLD)
    other = app_record(okta_id("0oa", 2), "canva", "Canva", "BOOKMARK", at=OLD)
    sim = simulator(OktaWorld("acme.okta.com", apps=[own, other]))
    (page,) = await read_from(sim, "apps")
    assert [a.name for a in seen([page], AppSeen)] == ["Canva"]
    assert page.ignored == 1
    await read_from(sim, "assignments")
    assert not any(REF in r.target for r in sim.app.requests)


async def test_inactive_apps_are_listed_as_inactive_and_not_lost() -> None:
    sim = simulator(
        OktaWorld(
            "acme.okta.com", apps=[app_record(REF, "canva", "Canva", "BOOKMARK", at=OLD, status="INACTIVE")]
        )
    )
    (found,) = seen(await read_from(sim, "apps"), AppSeen)
    assert not found.active


async def test_an_app_without_an_id_is_skipped_and_one_without_a_label_goes_by_its_key() -> None:
    nameless = app_record(okta_id("0oa", 2), "canva", "", "BOOKMARK", at=OLD)
    broken = {**nameless, "id": None}
    (page,) = await read_from(simulator(OktaWorld("acme.okta.com", apps=[nameless, broken])), "apps")
    assert [a.name for a in seen([page], AppSeen)] == ["canva"]
    assert len(page.skipped) == 1


@pytest.mark.parametrize(
    "expression", ["", "a", 'a eq "b" and', '(a eq "b"', 'a pr "b"', 'a eq "b")', "a eq b"]
)
def test_the_simulator_refuses_filters_that_okta_would_refuse(expression: str) -> None:
    with pytest.raises(BadFilter):
        parse(expression)


def test_the_simulators_filters_bind_and_before_or() -> None:
    test = parse('a eq "1" or a eq "2" and b.c sw "x"')
    assert test({"a": "1"})
    assert test({"a": "2", "b": {"c": "xy"}})
    assert not test({"a": "2", "b": {"c": "y"}})
    assert not parse('(a eq "1" or a eq "2") and b gt "3"')({"a": "1", "b": "3"})
