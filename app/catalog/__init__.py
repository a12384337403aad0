"""Tools, their identifiers and evidence, people, grants, expenses; what is shadow and what is flagged."""
