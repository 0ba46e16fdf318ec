// lac_first: which places of a vector have fewer than n set bits below them.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_first.f
+incdir+.
lac_first.sv
