// lac_fmt_bitmap_enc: compresses tiles into the bitmap format (layout: README.md beside this file).
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fmt_bitmap_enc.f
+incdir+../common
../common/lac_fifo.sv
lac_fmt_gather.sv
lac_fmt_pack.sv
lac_fmt_bitmap_enc.sv
