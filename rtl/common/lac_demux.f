// lac_demux: one stream to one of several receivers, by a select.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_demux.f
+incdir+.
lac_hold.sv
lac_demux.sv
