// lac_compact_move: one of the moves of lac_compact and lac_compact_pipe.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_compact_move.f
+incdir+.
lac_compact_move.sv
