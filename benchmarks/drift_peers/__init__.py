"""Other drift detectors, each in an environment of its own, on the same rows."""
