// lac_compact: moves the kept elements of a vector together, from lane 0, in order.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_compact.f
+incdir+.
lac_compact_move.sv
lac_compact.sv
