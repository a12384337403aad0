"""Configured accounts of connectors: checked before saved, secrets sealed, health in one sentence."""
