"""Spend: subscriptions that charges tell of, contracts, renewals, and tools that do the same thing."""
