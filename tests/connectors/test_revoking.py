"""Ending access at the vendors: only where it was allowed, seen to have ended, harmless twice."""

from typing import Any

import pytest

from connectors.base import GrantRef
from connectors.entra.connector import EntraConnector
from connectors.entra.graph import REVOKE
from connectors.errors import NeedsAdmin, NotAvailable, RetryLater
from connectors.google_workspace.api import SECURITY
from connectors.observations import ConsentEvent, GrantSeen
from connectors.okta.connector import OktaConnector
from connectors.simulation import Fault
from tests.connectors import entra_support as entra
from tests.connectors.google_workspace_support import Google


async def google_grants(google: Google) -> list[GrantSeen]:
    return [o for o in await google.seen("grants") if isinstance(o, GrantSeen)]


def ref(grant: GrantSeen) -> GrantRef:
    return GrantRef(ref=grant.ref, app_ref=grant.app_ref, person_ref=grant.person_ref)


async def test_google_ends_one_grant_and_no_other_and_the_log_tells() -> None:
    google = Google()
    before = await google_grants(google)
    victim = before[0]
    async with google.connector(may_revoke=True) as connector:
        first = await connector.revoke(ref(victim))
        second = await connector.revoke(ref(victim))
    assert (first.already, second.already) == (False, True)
    assert "may allow it again" in first.words
    assert [g.ref for g in await google_grants(google)] == [g.ref for g in before if g is not victim]
    told = [o for o in await google.seen("consents") if isinstance(o, ConsentEvent) and not o.granted]
    assert victim.app_ref in {o.app_ref for o in told}


async def test_google_refuses_without_leave_without_a_person_and_without_the_scope() -> None:
    google = Google()
    grant = (await google_grants(google))[0]
    asked = len(google.targets)
    async with google.connector() as connector:
        with pytest.raises(NotAvailable, match="may_revoke"):
            await connector.revoke(ref(grant))
    async with google.connector(may_revoke=True) as connector:
        with pytest.raises(NotAvailable, match="names nobody"):
            await connector.revoke(GrantRef(grant.ref, grant.app_ref))
    assert len(google.targets) == asked
    google.simulator.deny(SECURITY)
    async with google.connector(may_revoke=True) as connector:
        with pytest.raises(NeedsAdmin, match="delegated"):
            await connector.revoke(ref(grant))
    assert len(await _all_tokens(google)) == len(await _all_tokens(Google()))


async def _all_tokens(google: Google) -> list[dict[str, Any]]:
    return [token for tokens in google.world.tokens.values() for token in tokens]


async def test_google_that_says_done_and_is_not_is_not_believed() -> None:
    google = Google()
    grant = (await google_grants(google))[0]
    google.simulator.app.faults.append(Fault(r"/tokens/", times=None, status=204, body=b""))
    async with google.connector(may_revoke=True) as connector:
        with pytest.raises(RetryLater, match="still lists"):
            await connector.revoke(ref(grant))


async def test_google_is_asked_again_after_an_error() -> None:
    google = Google()
    grant = (await google_grants(google))[0]
    google.simulator.app.faults.append(Fault(r"/tokens/", times=2, status=503, body=b"{}"))
    async with google.connector(may_revoke=True) as connector:
        assert not (await connector.revoke(ref(grant))).already


def test_entra_ends_one_grant_and_no_other() -> None:
    sim = entra.simulator()
    sim.grant(REVOKE)
    before = [g["id"] for g in sim.world.permission_grants]

    async def twice(connector: EntraConnector) -> list[bool]:
        return [(await connector.revoke(GrantRef(before[1], "app", "person"))).already for _ in range(2)]

    assert entra.use(sim, twice, may_revoke=True) == [False, True]
    assert [g["id"] for g in sim.world.permission_grants] == [before[0], *before[2:]]
    assert [g.ref for g in entra.seen(entra.read(sim, "grants"), GrantSeen)].count(before[1]) == 0


def test_entra_refuses_without_leave_and_names_the_permission_that_is_missing() -> None:
    sim = entra.simulator()
    grant = GrantRef(sim.world.permission_grants[0]["id"], "app")
    with pytest.raises(NotAvailable, match="may_revoke"):
        entra.use(sim, lambda connector: connector.revoke(grant))
    assert sim.app.requests == []
    with pytest.raises(NeedsAdmin) as caught:
        entra.use(sim, lambda connector: connector.revoke(grant), may_revoke=True)
    assert caught.value.permission == REVOKE
    assert grant.ref in {g["id"] for g in sim.world.permission_grants}


async def test_a_connector_that_cannot_says_so() -> None:
    assert OktaConnector.manifest.revoking == ()
    with pytest.raises(NotAvailable, match="ask its administrator"):
        await OktaConnector.revoke(object.__new__(OktaConnector), GrantRef("g", "a"))
