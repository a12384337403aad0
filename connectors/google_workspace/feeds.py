"""The audit logs that discovery reads, and how each of their events is understood.

Not read: `login` (people entering Google itself, which names no other tool) and the `activity` events
of the token log (every call an app makes, by far the most of all events; an app calling an interface
is no sign-in of a person, and a sample of it would look like one).
"""

from datetime import timedelta

from connectors.errors import SkipRecord
from connectors.google_workspace.first_party import is_first_party
from connectors.google_workspace.records import app
from connectors.google_workspace.reports import Feed, Happened, Seen, person_of
from connectors.identifiers import APP_NAME, Identifier
from connectors.observations import AppSeen, Consent, ConsentEvent, SignInSeen, SignOn

DAY = timedelta(days=1)
MARKETPLACE_ID = "google.marketplace_app_id"

ADMIN_EVENTS = {
    "ADD_APPLICATION": True,
    "REMOVE_APPLICATION": False,
    "AUTHORIZE_API_CLIENT_ACCESS": True,
    "REMOVE_API_CLIENT_ACCESS": False,
    "ADD_TO_TRUSTED_OAUTH2_APPS": True,
    "REMOVE_FROM_TRUSTED_OAUTH2_APPS": False,
}
"""What administrators do to apps for the whole company: Marketplace, delegation, trust; given or not."""


def consents(trusted: frozenset[str]) -> Feed:
    """People granting and revoking access (`token` log).

    The two event names are asked for one by one: asked for together they would come with the
    `activity` events, which outnumber them by far.
    """

    def read(event: Happened) -> Seen | None:
        client = event.text("client_id")
        if not client:
            raise SkipRecord("the event names no client_id", ref=event.id)
        name = event.text("app_name")
        scopes = event.texts("scope") or event.nested("scope_data", "scope_name")
        if is_first_party(client, name, scopes):
            return None
        seen = app(client, name if name != client else None, trusted, mention=True)
        person = person_of(event.actor)
        return Seen(
            seen,
            person,
            ConsentEvent(
                event_id=event.id,
                app_ref=seen.ref,
                at=event.at,
                granted=event.name == "authorize",
                person_ref=person.ref if person else None,
                scopes=scopes,
            ),
        )

    return Feed("token", ("authorize", "revoke"), DAY, timedelta(hours=6), read)


def admin_actions(trusted: frozenset[str], own_client: str) -> Feed:
    """Administrators adding, trusting and delegating to apps (`admin` log): few events, long windows.

    Args:
        trusted: client ids on the company's own list.
        own_client: the client of our own service account, whose delegation is left out.
    """

    def read(event: Happened) -> Seen | None:
        seen = _administered(event, trusted)
        if seen.ref == own_client or is_first_party(seen.ref, seen.name, ()):
            return None
        person = person_of(event.actor)
        return Seen(
            seen,
            person,
            ConsentEvent(
                event_id=event.id,
                app_ref=seen.ref,
                at=event.at,
                granted=ADMIN_EVENTS[event.name],
                person_ref=person.ref if person else None,
                scopes=_scopes(event),
                consent=Consent.ADMIN,
            ),
        )

    return Feed("admin", tuple(ADMIN_EVENTS), timedelta(days=30), timedelta(hours=6), read)


def _administered(event: Happened, trusted: frozenset[str]) -> AppSeen:
    if event.name.endswith("_TRUSTED_OAUTH2_APPS"):
        client = event.text("OAUTH2_APP_ID")
        if client:
            return app(client, event.text("OAUTH2_APP_NAME") or None, trusted, mention=True)
    elif event.name.endswith("_API_CLIENT_ACCESS"):
        client = event.text("API_CLIENT_NAME")
        if client:
            return app(client, None, trusted, mention=True)
    else:
        ref, name = event.text("APP_ID"), event.text("APPLICATION_NAME")
        if ref or name:
            identifiers = [Identifier(MARKETPLACE_ID, ref)] if ref else []
            identifiers += [Identifier(APP_NAME, name)] if name else []
            return AppSeen(
                ref=f"marketplace:{ref or name}",
                name=name or ref,
                identifiers=tuple(identifiers),
                sign_on=SignOn.CONSENT,
                facts={"marketplace": True},
                mention=True,
            )
    raise SkipRecord(f"the event {event.name} names no app", ref=event.id)


def _scopes(event: Happened) -> tuple[str, ...]:
    # One text with commas in the events seen so far, a list by the description.
    return tuple(
        dict.fromkeys(scope for part in event.texts("API_SCOPES") for scope in part.replace(",", " ").split())
    )


def saml_sign_ins() -> Feed:
    """People entering SAML apps for which Google is the identity provider (`saml` log).

    Asked for without an event name: Google counts requests with one against a ten times smaller
    budget, and the failed sign-ins that come along are few.
    """

    def read(event: Happened) -> Seen | None:
        if event.name != "login_success":
            return None
        name = event.text("application_name")
        if not name:
            raise SkipRecord("the sign-in names no application_name", ref=event.id)
        person = person_of(event.actor)
        if person is None:
            return None
        seen = AppSeen(
            ref=f"saml:{name}",
            name=name,
            identifiers=(Identifier(APP_NAME, name),),
            sign_on=SignOn.SAML,
            admin_only=True,
            mention=True,
        )
        return Seen(seen, person, SignInSeen(event.id, seen.ref, person.ref, event.at))

    return Feed("saml", (None,), DAY, DAY, read)
