"""Asking before buying: what the company knows of a tool, and what people need that it does not have."""
