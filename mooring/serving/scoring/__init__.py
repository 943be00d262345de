"""Rows to scores: batching, routing between models, the models themselves."""
