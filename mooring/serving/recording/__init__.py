"""Scored rows to the store: the recorder of a worker sends frames, and its recording process writes."""
