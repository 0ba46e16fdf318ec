"""``make mutate``: faults made by a program, to see what the benches let through."""
