// lac_xbar: crossbar: every input to every output, a round-robin arbiter per output.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_xbar.f
+incdir+.
lac_arb.sv
lac_spill.sv
lac_xbar.sv
