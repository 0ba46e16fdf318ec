"""``make prove``: properties of blocks proved with Yosys, SymbiYosys and a solver."""
