// lac_spill: register in both directions of a stream, so that no path goes through it.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_spill.f
+incdir+.
lac_spill.sv
