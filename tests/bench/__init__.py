"""Speed, measured side by side with plain code in one run; see `python -m tests.bench --help`."""
