// lac_result_tx: the output register of a result stream, which keeps the rules of AXI4-Stream whatever ends the pass.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_result_tx.f
+incdir+.
lac_result_tx.sv
