// lac_sram: memory with one write port and one registered read port.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_sram.f
+incdir+.
lac_sram.sv
