"""``make area``: gates, flip-flops, memory bits and depth by Yosys."""
