// lac_sram_1r1w: memory with a read and a write port: where a chip's two-port macro goes.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_sram_1r1w.f
+incdir+.
lac_pkg.sv
lac_sram_1r1w.sv
