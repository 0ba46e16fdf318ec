// lac_dense: weight-stationary systolic array for convolutions and fully connected layers.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_dense.f
+incdir+../common
../common/lac_packet_rx.sv
../common/lac_pkg.sv
../array/lac_array_act_load.sv
../array/lac_array_agen.sv
../array/lac_array_ctrl.sv
../array/lac_array_cfg_pkg.sv
../common/lac_ffs.sv
../array/lac_array_geom.sv
../array/lac_array_pe.sv
../array/lac_array_col.sv
../array/lac_array_mesh.sv
../common/lac_requant.sv
../common/lac_result_tx.sv
../array/lac_array_out.sv
../array/lac_array_skew.sv
../array/lac_array_slots.sv
../common/lac_sram.sv
../array/lac_array_acc.sv
../array/lac_array_sums.sv
../common/lac_axil_regs.sv
../common/lac_perf.sv
../array/lac_array_engine.sv
../array/lac_array_wgt_load.sv
lac_dense_wgt_feed.sv
lac_dense.sv
