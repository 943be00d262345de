"""The record store: the prediction log, labels and daily profiles, as files."""
