"""Evidence to a drift report: assess, decide, describe, pin, and verify."""
