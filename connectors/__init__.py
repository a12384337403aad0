"""Connectors: each reads one vendor, and knows nothing of the application that runs it."""
