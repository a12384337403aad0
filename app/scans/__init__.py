"""The scan engine: pages to observations to checkpoint, leases, schedule, progress."""
