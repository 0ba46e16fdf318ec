// lac_agen: address generator: nested counters with a stride each.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_agen.f
+incdir+.
lac_agen.sv
