"""Okta: the apps a company lists in its identity provider, who has them, and who signs in to them."""
