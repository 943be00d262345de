"""Two load generators: as fast as a server answers, and at a rate of our own."""
