// lac_join: several streams to one, a beat of each together.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_join.f
+incdir+.
lac_join.sv
