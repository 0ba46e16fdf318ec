"""Files of other tools that a layer can come from; standard library only in this module."""
