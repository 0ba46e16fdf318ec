// lac_fmt_coo_dec: decoder of the coordinate format: a list of value, column and row.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fmt_coo_dec.f
+incdir+../common
lac_fmt_pkg.sv
lac_fmt_shift.sv
lac_fmt_bits.sv
lac_fmt_out.sv
../common/lac_pipe.sv
lac_fmt_stages.sv
lac_fmt_step.sv
lac_fmt_shell.sv
lac_fmt_coo_dec.sv
