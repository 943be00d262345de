"""Side-by-side measurements, each against a named peer or limit; `make bench` runs each module."""
