// lac_credit: credits of a sender for a receiver with a buffer of Depth entries.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_credit.f
+incdir+.
lac_credit.sv
