// lac_compact_pipe: lac_compact with registers inside, for long vectors.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_compact_pipe.f
+incdir+.
lac_compact_move.sv
lac_pipe.sv
lac_compact_pipe.sv
