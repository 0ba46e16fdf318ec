"""What every bench shares: runner, agents, environment, scoreboard, coverage."""
