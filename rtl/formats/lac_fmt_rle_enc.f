// lac_fmt_rle_enc: compresses tiles into the run-length format (layout: README.md beside this file).
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fmt_rle_enc.f
+incdir+../common
../common/lac_fifo.sv
lac_fmt_gather.sv
lac_fmt_pack.sv
lac_fmt_rle_enc.sv
