// lac_fmt_ell_dec: decoder of ELLPACK: every row has the same number of slots of value and column, those behind its last non-zero all zero.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fmt_ell_dec.f
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
lac_fmt_ell_dec.sv
