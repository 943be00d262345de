"""The search for better model parameters."""
