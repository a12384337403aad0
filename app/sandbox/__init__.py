"""The simulated company behind `make demo` and the end-to-end tests."""
