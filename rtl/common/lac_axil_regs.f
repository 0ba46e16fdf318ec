// lac_axil_regs: the AXI4-Lite register block of the socket.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_axil_regs.f
+incdir+.
lac_pkg.sv
lac_axil_regs.sv
