"""Whether serving has drifted from the reference, from counts by bin alone."""
