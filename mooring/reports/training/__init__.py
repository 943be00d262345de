"""The training report: page, charts, model card."""
