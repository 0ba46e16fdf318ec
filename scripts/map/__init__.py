"""Which design is best where: over density, kind of layer and structure."""
