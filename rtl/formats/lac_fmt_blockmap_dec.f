// lac_fmt_blockmap_dec: decoder of the block bitmap, one bit per block.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fmt_blockmap_dec.f
+incdir+../common
../common/lac_ffs.sv
lac_fmt_count.sv
lac_fmt_pkg.sv
lac_fmt_walk.sv
lac_fmt_masks.sv
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
lac_fmt_blockmap_dec.sv
