// lac_acc_bank: bank of accumulators, one read-add-write per cycle, with a drain that clears.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_acc_bank.f
+incdir+.
lac_pkg.sv
lac_sram_1r1w.sv
lac_sram_1rw.sv
lac_sram.sv
lac_acc_bank.sv
