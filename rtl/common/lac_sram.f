// lac_sram: memory with one port (1RW) or two (1R1W), registered read.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_sram.f
+incdir+.
lac_pkg.sv
lac_sram_1r1w.sv
lac_sram_1rw.sv
lac_sram.sv
