"""What the models of the systolic designs share."""
