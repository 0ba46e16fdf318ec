// lac_fmt_nm_dec: decoder of N:M structured sparsity: GroupN slots of value and position per group of GroupM columns.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fmt_nm_dec.f
+incdir+../common
lac_fmt_pkg.sv
../common/lac_first.sv
lac_fmt_scan.sv
lac_fmt_shift.sv
lac_fmt_bits.sv
../common/lac_compact_move.sv
../common/lac_compact.sv
../common/lac_pipe.sv
lac_fmt_stages.sv
lac_fmt_lanes.sv
lac_fmt_out.sv
lac_fmt_step.sv
lac_fmt_slots.sv
lac_fmt_walk.sv
lac_fmt_nm_dec.sv
