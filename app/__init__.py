"""Penumbra: finds cloud marketing tools adopted outside IT and brings IT and marketing to one decision."""
