"""Lists of tools that people keep under a name: their filters, sorting and columns."""
