"""The peers' own little programs, each run by the Python of that peer's virtual environment."""
