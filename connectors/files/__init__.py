"""Statements and expense exports from files: no credentials, every bank and every expense tool."""
