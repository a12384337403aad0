"""What people teach: it holds over what the matcher says, and can be undone."""
