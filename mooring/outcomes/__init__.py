"""Predictions and the labels that came late: how good a served model is."""
