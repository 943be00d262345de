"""whylogs profiles, a day at a time."""
