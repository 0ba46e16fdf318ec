// lac_mux: one of several streams, by a select.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_mux.f
+incdir+.
lac_hold.sv
lac_mux.sv
