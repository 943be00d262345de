"""What conf/ may say: one strict class for each group."""
