// lac_arb: round-robin arbiter: one of several requests at a time, each in its turn.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_arb.f
+incdir+.
lac_arb.sv
