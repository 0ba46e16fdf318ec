// lac_fmt_rle_dec: decoder of the run-length format: each entry is a value and the zeros before it.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fmt_rle_dec.f
+incdir+../common
lac_fmt_pkg.sv
lac_fmt_shift.sv
lac_fmt_bits.sv
lac_fmt_out.sv
../common/lac_compact_move.sv
../common/lac_compact.sv
../common/lac_pipe.sv
lac_fmt_stages.sv
lac_fmt_lanes.sv
lac_fmt_walk.sv
lac_fmt_runs.sv
lac_fmt_step.sv
lac_fmt_rle_core.sv
lac_fmt_rle_dec.sv
