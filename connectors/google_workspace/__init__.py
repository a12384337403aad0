"""Google Workspace: people, OAuth grants, consents and SAML sign-ins through the Admin SDK."""
