"""The whole of SPS, until it is a design of the registry."""
