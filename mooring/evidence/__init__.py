"""What is done with a drift report and its evidence once they are there."""
