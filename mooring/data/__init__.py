"""Data: read sources, run the query, validate rows, split train and test windows."""
