// lac_packet_rx: checks the framing of an AXI4-Stream packet and hands on its payload.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_packet_rx.f
+incdir+.
lac_packet_rx.sv
