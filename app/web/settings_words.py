"""What the pages of settings call things. Pure."""

from app.language import N_

ROLE = {
    "reader": N_("Reads what was found."),
    "marketing": N_("Claims tools, and turns marketing’s key of a decision."),
    "it": N_("Connects sources, and turns IT’s key of a decision."),
    "auditor": N_("Reads everything, users and the audit trail too, and changes nothing."),
    "admin": N_("Manages users, tokens and channels. Turns no key of a decision."),
}
KIND = {
    "email": N_("E-mail"),
    "slack": N_("Slack"),
    "teams": N_("Microsoft Teams"),
    "webhook": N_("Webhook: a receiver of your own"),
    "jira": N_("Jira Cloud"),
    "servicenow": N_("ServiceNow"),
}
DELIVERY = {
    "queued": N_("Waiting"),
    "sending": N_("On its way"),
    "sent": N_("Arrived"),
    "failed": N_("Is tried again"),
    "dead": N_("Given up"),
    "kept": N_("Only in the inbox"),
}
DELIVERY_TONE = {"queued": "", "sending": "", "sent": "good", "failed": "warn", "dead": "bad", "kept": ""}
GROUP = {
    "tool": N_("Tools"),
    "claim": N_("Who answers for a tool"),
    "review": N_("Joint reviews"),
    "condition": N_("Promises"),
    "decision": N_("Decisions that end"),
    "renewal": N_("Renewals"),
    "subscription": N_("Subscriptions"),
    "request": N_("What people ask for"),
    "remediation": N_("Ending access"),
    "source": N_("Sources"),
    "adopter": N_("What tools are for"),
}
MODE = {"now": N_("At once"), "digest": N_("In the weekly digest"), "off": N_("Not by e-mail")}
DAY = {
    "monday": N_("Monday"),
    "tuesday": N_("Tuesday"),
    "wednesday": N_("Wednesday"),
    "thursday": N_("Thursday"),
    "friday": N_("Friday"),
    "saturday": N_("Saturday"),
    "sunday": N_("Sunday"),
}
DATABASE = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
VARIABLE = {
    "DATA_DIR": N_("Folder for the database, the key and uploads"),
    "DATABASE_URL": N_("Database"),
    "SECRET_KEY": N_("Key that seals secrets"),
    "HOST": N_("Address it listens on"),
    "PORT": N_("Port it listens on"),
    "FILES_DIR": N_("Folder whose files sources may read"),
    "SCANS_AT_ONCE": N_("Scans at the same time"),
    "LEASE_SECONDS": N_("Seconds until a scan without a sign of life is taken over"),
    "PERSONAL_DATA_DAYS": N_("Days that personal data is kept"),
    "ATTEST_DAYS": N_("Days that an owner’s word holds"),
    "PRIVACY": N_("Whether people appear under pseudonyms"),
    "PRIVACY_NAMES": N_("Roles that see names all the same"),
    "PRIVACY_FEWEST": N_("Smaller counts of people are not shown"),
    "PRIVACY_ROUND": N_("Round of pseudonyms"),
    "MAY_REVOKE": N_("Whether joint decisions may end access at vendors"),
    "SECURE_COOKIES": N_("Whether logins go over https only"),
    "SESSION_IDLE_MINUTES": N_("Minutes without a page until a login ends"),
    "PUBLIC_URL": N_("Where people reach Penumbra"),
    "OIDC_ISSUER": N_("The company’s login"),
    "OIDC_CLIENT_ID": N_("Client id at the company’s login"),
    "OIDC_CLIENT_SECRET": N_("Secret at the company’s login"),
    "OIDC_SCOPES": N_("What is asked for at a login"),
    "OIDC_GROUPS_CLAIM": N_("Which claim lists somebody’s groups"),
    "OIDC_ROLES": N_("Which group has which roles"),
    "OIDC_DEFAULT_ROLE": N_("Role of those in no listed group"),
    "OIDC_HOSTS": N_("Further hosts of the company’s login"),
    "WEBHOOK_HOSTS": N_("Hosts that webhooks may be sent to"),
    "LOCAL_RECEIVERS": N_("Receivers on this machine"),
}
