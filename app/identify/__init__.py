"""Identification: the knowledge base and the matcher, pure functions over reviewed data."""
