"""Gather, hash and check the files that a drift report is made from."""
