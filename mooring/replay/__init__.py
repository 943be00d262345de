"""Replay past rows as traffic, with faults and delayed labels."""
