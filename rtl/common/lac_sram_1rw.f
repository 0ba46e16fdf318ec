// lac_sram_1rw: memory with one port that reads or writes: where a chip's single-port macro goes.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_sram_1rw.f
+incdir+.
lac_pkg.sv
lac_sram_1rw.sv
