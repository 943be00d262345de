"""Scored rows to the store, by a process of its own."""
