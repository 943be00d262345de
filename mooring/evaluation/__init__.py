"""Evaluation of a challenger on the test window, and the gate."""
