// lac_socket: all of an accelerator that is not its data path.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_socket.f
+incdir+.
lac_pkg.sv
lac_axil_regs.sv
lac_packet_rx.sv
lac_perf.sv
lac_phases.sv
lac_result_tx.sv
lac_socket_pkg.sv
lac_socket.sv
