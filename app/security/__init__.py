"""API tokens, roles, secrets at rest, audit."""
