"""The command line: one module a group of commands, all over the same services as the API."""
