// lac_fmt_periodic_dec: decoder of periodic patterns: each row has its values at the positions of one of a few patterns, which take turns and may have any number of positions up to Kss.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fmt_periodic_dec.f
+incdir+../common
lac_fmt_pkg.sv
lac_fmt_shift.sv
lac_fmt_bits.sv
lac_fmt_out.sv
../common/lac_pipe.sv
lac_fmt_stages.sv
lac_fmt_step.sv
lac_fmt_shell.sv
lac_fmt_periodic_dec.sv
