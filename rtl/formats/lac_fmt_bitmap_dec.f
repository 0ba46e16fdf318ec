// lac_fmt_bitmap_dec: decoder of the bitmap format, one bit per element.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fmt_bitmap_dec.f
+incdir+../common
../common/lac_first.sv
../common/lac_compact_move.sv
../common/lac_compact.sv
lac_fmt_pkg.sv
lac_fmt_lanes.sv
lac_fmt_walk.sv
lac_fmt_bitmap_core.sv
lac_fmt_bits.sv
lac_fmt_out.sv
lac_fmt_bitmap_dec.sv
