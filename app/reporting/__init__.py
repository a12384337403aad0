"""The joint report: what it tells of a period, and who gets it by e-mail each month."""
