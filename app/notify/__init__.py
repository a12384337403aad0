"""Telling people and systems: an outbox in the same transaction, and what carries it out of the house."""
