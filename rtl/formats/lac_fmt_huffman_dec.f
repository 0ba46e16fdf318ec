// lac_fmt_huffman_dec: decoder of canonical Huffman codes of up to 16 bits, one symbol per cycle.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fmt_huffman_dec.f
+incdir+../common
lac_fmt_pkg.sv
lac_fmt_shift.sv
lac_fmt_bits.sv
../common/lac_pipe.sv
lac_fmt_stages.sv
lac_fmt_late.sv
lac_fmt_out.sv
lac_fmt_walk.sv
lac_fmt_runs.sv
lac_fmt_step.sv
lac_fmt_huffman_dec.sv
