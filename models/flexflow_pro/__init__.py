"""FlexFlow-Pro, relaxed synchronisation in a regular array of PEs."""
