"""The quality of a served model, from predictions and late labels."""
