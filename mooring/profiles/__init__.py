"""whylogs profiles, one per day."""
