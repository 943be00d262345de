"""What is measured: each case takes running servers and gives verdicts against its limits."""
