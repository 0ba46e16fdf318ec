"""``make regress``: many seeds of every bench."""
