// lac_ffs: find the first set bit, from bit 0.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_ffs.f
+incdir+.
lac_ffs.sv
