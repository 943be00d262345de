"""What a scorer leaves behind: the prediction log and the daily profiles, as files in a store."""
