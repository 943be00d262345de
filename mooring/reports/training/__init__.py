"""The report on a trained model: page, charts, model card."""
