// lac_eie: fully connected layers on compressed sparse columns, NumPe processing elements.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_eie.f
+incdir+../common
../common/lac_pkg.sv
../common/lac_axil_regs.sv
../common/lac_packet_rx.sv
lac_eie_act_load.sv
lac_eie_lnzd_node.sv
lac_eie_lnzd_tree.sv
lac_eie_ccu.sv
../common/lac_ffs.sv
lac_eie_ctrl.sv
../common/lac_result_tx.sv
lac_eie_out.sv
../common/lac_requant.sv
../common/lac_sram.sv
lac_eie_act_rw.sv
lac_eie_arith.sv
../common/lac_fifo.sv
lac_eie_ptr_read.sv
lac_eie_spmat_read.sv
lac_eie_pe.sv
lac_eie_wgt_load.sv
../common/lac_perf.sv
lac_eie.sv
