"""Gauges, alert rules and messages, made of drift reports."""
