"""What the systolic designs share: their environment, tests and the benches of shared blocks."""
