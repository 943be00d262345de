"""Rows of the past as traffic: which are sent, what is done to them, when their labels come."""
