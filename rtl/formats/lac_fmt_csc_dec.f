// lac_fmt_csc_dec: decoder of compressed sparse columns with relative index: pointers, then value and number of zeros in front of it for each entry.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fmt_csc_dec.f
+incdir+../common
lac_fmt_pkg.sv
lac_fmt_ptr.sv
lac_fmt_shift.sv
lac_fmt_bits.sv
lac_fmt_out.sv
../common/lac_pipe.sv
lac_fmt_stages.sv
lac_fmt_step.sv
lac_fmt_shell.sv
lac_fmt_csc_dec.sv
