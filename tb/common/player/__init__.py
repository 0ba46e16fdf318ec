"""Full-size layers through RTL without Python per cycle."""
