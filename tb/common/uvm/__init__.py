"""The socket in pyuvm: agents, environment, sequences, scoreboard."""
