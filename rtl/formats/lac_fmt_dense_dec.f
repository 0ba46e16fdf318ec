// lac_fmt_dense_dec: decoder of the dense format: drops zeros, numbers the others.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fmt_dense_dec.f
+incdir+../common
lac_fmt_pkg.sv
lac_fmt_shift.sv
lac_fmt_bits.sv
lac_fmt_count.sv
lac_fmt_walk.sv
lac_fmt_masks.sv
../common/lac_pipe.sv
lac_fmt_stages.sv
lac_fmt_ones.sv
lac_fmt_step.sv
lac_fmt_bitmap_core.sv
../common/lac_compact_move.sv
../common/lac_compact.sv
lac_fmt_lanes.sv
../common/lac_first.sv
lac_fmt_scan.sv
lac_fmt_dense_core.sv
lac_fmt_runs.sv
lac_fmt_rle_core.sv
lac_fmt_inner.sv
lac_fmt_out.sv
lac_fmt_plain.sv
lac_fmt_dense_dec.sv
