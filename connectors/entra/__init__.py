"""Microsoft Entra ID, read through Microsoft Graph: people, enterprise applications, consents, sign-ins."""
