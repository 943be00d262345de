"""conf/ to params.yaml: compose, check that sections agree, adopt an experiment, edit an option file."""
