"""Gauges, messages and runbooks, made from drift reports."""
