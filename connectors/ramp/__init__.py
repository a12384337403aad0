"""Ramp: card charges, reimbursements, bills, the vendors paid and the people who spend."""
