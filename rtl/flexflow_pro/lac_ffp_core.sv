// SPDX-License-Identifier: Apache-2.0
//
// Core of FlexFlow-Pro: geometry, loaders, grid and results, for lac_socket.
//
//   wgt_i -> lac_ffp_wgt_load -> kernel stores, biases -+
//   act_i -> lac_ffp_act_load -> column buffers --------+-> lac_ffp_grid -> lac_array_out -> result_o
//   cfg_i -> lac_ffp_geom ------------------------------'        '--> lac_ffp_events -> events_o
//
// Function, formats, registers, parameters and cycles: README.md beside this file; what a core does:
// docs/socket.md, "Inside". Throughput: Rows * Cols multiplies per cycle.
// Parameters:
//   Rows       2..32, 2, 4, 8, 16 or 32
//   Cols       2..32
//   DataWidth  64
//   MaskWord   4..16, 4, 8 or 16
//   KCells     1..64
//   NCells     2..64
//   FifoDepth  1..64
//   BusWords   1..2
//   MaxMaps    2..8, even
//   ActDepth   2..65536
//   AccDepth   1..65536
//   AccWidth   17..48
//   BiasWidth  2..32, at most AccWidth
// Small: Rows 2, Cols 4.
// Source: Lu et al., "FlexFlow-Pro", IEEE TC 2019. Model: models/flexflow_pro.

`include "lac_assert.svh"

module lac_ffp_core
  import lac_pkg::*, lac_socket_pkg::*, lac_flexflow_pro_cfg_pkg::*, lac_ffp_pkg::*;
#(
  parameter int Rows      = 16,
  parameter int Cols      = 16,
  parameter int DataWidth = 64,
  parameter int MaskWord  = 16,
  parameter int KCells    = 9,
  parameter int NCells    = 12,
  parameter int FifoDepth = 2,
  parameter int BusWords  = 2,
  parameter int MaxMaps   = 4,
  parameter int ActDepth  = 512,
  parameter int AccDepth  = 1024,
  parameter int AccWidth  = 48,
  parameter int BiasWidth = 32
) (
  input  logic                                   clk_i,
  input  logic                                   rst_ni,
  input  lac_mem_cfg_t                           mem_cfg_i,
  output logic                  [NUM_CAP*32-1:0] cap_o,
  input  lac_flexflow_pro_cfg_t                  cfg_i,
  input  lac_pass_t                              pass_i,
  output lac_core_t                              core_o,
  input  lac_word_t                              wgt_i,
  output logic                                   wgt_ready_o,
  input  lac_word_t                              act_i,
  output logic                                   act_ready_o,
  output lac_result_t                            result_o,
  input  logic                                   result_ready_i,
  output lac_events_t                            events_o
);

  `LAC_PARAM_RULE(lac_ffp_core, Rows, 2, 32,
                  Rows == 2 || Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32,
                  "2, 4, 8, 16 or 32")
  `LAC_PARAM(lac_ffp_core, Cols, 2, 32)
  `LAC_PARAM(lac_ffp_core, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_ffp_core, MaskWord, 4, 16, MaskWord == 4 || MaskWord == 8 || MaskWord == 16,
                  "4, 8 or 16")
  `LAC_PARAM(lac_ffp_core, KCells, 1, 64)
  `LAC_PARAM(lac_ffp_core, NCells, 2, 64)
  `LAC_PARAM(lac_ffp_core, FifoDepth, 1, 64)
  `LAC_PARAM(lac_ffp_core, BusWords, 1, 2)
  `LAC_PARAM_RULE(lac_ffp_core, MaxMaps, 2, 8, MaxMaps % 2 == 0, "even")
  `LAC_PARAM(lac_ffp_core, ActDepth, 2, 65536)
  `LAC_PARAM(lac_ffp_core, AccDepth, 1, 65536)
  `LAC_PARAM(lac_ffp_core, AccWidth, 17, 48)
  `LAC_PARAM_RULE(lac_ffp_core, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")

  localparam int Parts = MaskWord / 4;
  localparam int KAddr = `LAC_INDEX_BITS(KCells * Parts);
  localparam int ActAddr = `LAC_INDEX_BITS(ActDepth);
  localparam int AccAddr = `LAC_INDEX_BITS(AccDepth);
  localparam int ShiftWidth = $clog2(AccWidth);
  localparam int SizeWidth = 17;  // of a number of results, at most 65536
  localparam int RowCounts = FFP_EVENT_BITS * $clog2(Cols + 1);

  // fields --------------------------------------------------------------------------------------
  lac_flexflow_pro_cap_t cap;
  logic [31:0] threshold, shift;

  assign cap.rsvd       = '0;
  assign cap.bias_width = 8'(BiasWidth);
  assign cap.acc_width  = 8'(AccWidth);
  assign cap.wgt_width  = 8'd16;
  assign cap.act_width  = 8'd16;
  assign cap.max_maps   = 8'(MaxMaps);
  assign cap.bus_words  = 8'(BusWords);
  assign cap.fifo_depth = 8'(FifoDepth);
  assign cap.mask_word  = 8'(MaskWord);
  assign cap.acc_depth  = 32'(AccDepth);
  assign cap.act_depth  = 32'(ActDepth);
  assign cap.n_cells    = 16'(NCells);
  assign cap.k_cells    = 16'(KCells);
  assign cap.cols       = 16'(Cols);
  assign cap.rows       = 16'(Rows);
  assign cap_o          = cap;

  assign threshold      = cfg_i.threshold;
  assign shift          = cfg_i.shift;

  // Phases are the socket's; the low bits of what is checked say it all.
  logic unused_bits;
  assign unused_bits = ^{cfg_i, pass_i, wgt_i.bad, act_i.bad, act_i.left, threshold, shift};

  // geometry --------------------------------------------------------------------------------------
  lac_ffp_walk_t walk;
  lac_ffp_slices_t slices;
  logic [2:0] maps_last;
  logic [15:0] res_last;
  logic [SizeWidth-1:0] res, col_cells;
  logic [Rows*7-1:0] start_cells;

  lac_ffp_geom #(
    .Rows(Rows),
    .Cols(Cols),
    .MaskWord(MaskWord),
    .KCells(KCells),
    .NCells(NCells),
    .MaxMaps(MaxMaps),
    .ActDepth(ActDepth),
    .AccDepth(AccDepth),
    .AccWidth(AccWidth)
  ) u_geom (
    .clk_i,
    .rst_ni,
    .start_i      (pass_i.check),
    .cfg_i        (cfg_i),
    .done_o       (core_o.check_done),
    .bad_o        (core_o.check_bad),
    .bad_idx_o    (core_o.check_idx),
    .walk_o       (walk),
    .slices_o     (slices),
    .maps_last_o  (maps_last),
    .res_last_o   (res_last),
    .res_o        (res),
    .col_cells_o  (col_cells),
    .act_count_o  (core_o.act_count),
    .start_cells_o(start_cells)
  );

  // What every PE and feed looks at in each cycle comes from a register: it is final with check_done.
  lac_ffp_walk_t   walk_q;
  lac_ffp_slices_t slices_q;
  always_ff @(posedge clk_i) begin
    walk_q   <= walk;
    slices_q <= slices;
  end

  // loaders ---------------------------------------------------------------------------------------
  logic [Rows-1:0] wr_wgt_row, wr_bias;
  logic [Cols-1:0] wr_wgt_col, wr_act_col;
  logic [KAddr-1:0] wr_wgt_addr;
  logic [63:0] wr_wgt_data, wr_act_data;
  logic [1:0] wr_bias_addr;
  logic [2*BiasWidth-1:0] wr_bias_data;
  logic [Parts-1:0] wr_act_part;
  logic [ActAddr-1:0] wr_act_addr;
  logic [3:0] wr_act_mask;

  assign wgt_ready_o = 1'b1;
  assign act_ready_o = 1'b1;

  lac_ffp_wgt_load #(
    .Rows(Rows),
    .Cols(Cols),
    .MaskWord(MaskWord),
    .KCells(KCells),
    .MaxMaps(MaxMaps),
    .BiasWidth(BiasWidth)
  ) u_wgt_load (
    .clk_i,
    .rst_ni,
    .clr_i         (pass_i.clr),
    .start_i       (pass_i.load_wgt),
    .pay_valid_i   (wgt_i.valid),
    .pay_data_i    (wgt_i.data),
    .pay_left_i    (wgt_i.left),
    .err_o         (core_o.wgt_err),
    .err_code_o    (core_o.wgt_code),
    .wr_row_o      (wr_wgt_row),
    .wr_col_o      (wr_wgt_col),
    .wr_addr_o     (wr_wgt_addr),
    .wr_data_o     (wr_wgt_data),
    .wr_bias_o     (wr_bias),
    .wr_bias_addr_o(wr_bias_addr),
    .wr_bias_data_o(wr_bias_data)
  );

  lac_ffp_act_load #(
    .Cols(Cols),
    .MaskWord(MaskWord),
    .ActDepth(ActDepth)
  ) u_act_load (
    .clk_i,
    .rst_ni,
    .clr_i      (pass_i.clr),
    .start_i    (pass_i.load_act),
    .threshold_i(threshold[15:0]),
    .col_cells_i(col_cells),
    .pay_valid_i(act_i.valid),
    .pay_data_i (act_i.data),
    .wr_col_o   (wr_act_col),
    .wr_part_o  (wr_act_part),
    .wr_addr_o  (wr_act_addr),
    .wr_data_o  (wr_act_data),
    .wr_mask_o  (wr_act_mask)
  );
  assign core_o.act_err  = 1'b0;
  assign core_o.act_code = '0;

  // grid ------------------------------------------------------------------------------------------
  logic [ Rows*AccWidth-1:0] accs;
  logic [Rows*RowCounts-1:0] counts;
  logic [Rows-1:0] fires, sums;
  logic [Cols-1:0] cells_sent, full;
  logic [2*Cols-1:0] words_sent;
  logic out_rd_en;
  logic [AccAddr-1:0] out_rd_addr;

  lac_ffp_grid #(
    .Rows(Rows),
    .Cols(Cols),
    .MaskWord(MaskWord),
    .KCells(KCells),
    .NCells(NCells),
    .FifoDepth(FifoDepth),
    .BusWords(BusWords),
    .MaxMaps(MaxMaps),
    .ActDepth(ActDepth),
    .AccDepth(AccDepth),
    .AccWidth(AccWidth),
    .BiasWidth(BiasWidth)
  ) u_grid (
    .clk_i,
    .rst_ni,
    .mem_cfg_i,
    .clr_i         (pass_i.clr),
    .start_i       (pass_i.compute),
    .walk_i        (walk_q),
    .slices_i      (slices_q),
    .start_cells_i (start_cells),
    .maps_last_i   (maps_last),
    .res_last_i    (res_last),
    .keep_i        (cfg_i.mode.acc_keep),
    .use_bias_i    (cfg_i.mode.bias),
    .wr_wgt_row_i  (wr_wgt_row),
    .wr_wgt_col_i  (wr_wgt_col),
    .wr_wgt_addr_i (wr_wgt_addr),
    .wr_wgt_data_i (wr_wgt_data),
    .wr_bias_i     (wr_bias),
    .wr_bias_addr_i(wr_bias_addr),
    .wr_bias_data_i(wr_bias_data),
    .wr_act_col_i  (wr_act_col),
    .wr_act_part_i (wr_act_part),
    .wr_act_addr_i (wr_act_addr),
    .wr_act_data_i (wr_act_data),
    .wr_act_mask_i (wr_act_mask),
    .out_rd_en_i   (out_rd_en),
    .out_rd_addr_i (out_rd_addr),
    .accs_o        (accs),
    .done_o        (core_o.done),
    .err_o         (core_o.err),
    .err_pos_o     (core_o.err_pos),
    .counts_o      (counts),
    .fires_o       (fires),
    .sums_o        (sums),
    .cells_o       (cells_sent),
    .words_o       (words_sent),
    .full_o        (full)
  );
  assign core_o.err_code = 8'(ERR_ACC_OVERFLOW);

  // results ---------------------------------------------------------------------------------------
  lac_array_out #(
    .Cols(Rows),
    .DataWidth(DataWidth),
    .ActWidth(16),
    .AccWidth(AccWidth),
    .AddrWidth(AccAddr),
    .SizeWidth(SizeWidth)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clr_i         (pass_i.clr),
    .start_i       (pass_i.emit),
    .count_i       (res),
    .shift_i       (shift[ShiftWidth-1:0]),
    .relu_i        (cfg_i.mode.relu),
    .rd_en_o       (out_rd_en),
    .rd_addr_o     (out_rd_addr),
    .acc_i         (accs),
    .result_valid_o(result_o.valid),
    .result_ready_i(result_ready_i),
    .result_data_o (result_o.data),
    .result_last_o (result_o.last)
  );

  // events ----------------------------------------------------------------------------------------
  lac_ffp_events #(
    .Rows(Rows),
    .Cols(Cols),
    .MaskWord(MaskWord)
  ) u_events (
    .clk_i,
    .rst_ni,
    .pass_i,
    .counts_i(counts),
    .sums_i  (sums),
    .keep_i  (cfg_i.mode.acc_keep),
    .cells_i (cells_sent),
    .words_i (words_sent),
    .full_i  (full),
    .out_rd_i(out_rd_en),
    .wr_wgt_i(|wr_wgt_row),
    .wr_act_i(|wr_act_col),
    .step_o  (core_o.progress),
    .events_o
  );

  `LAC_STREAM_CLR(result_o.valid, result_ready_i, {result_o.data, result_o.last}, pass_i.clr)
  `LAC_ASSERT(fires_in_compute, fires == '0 || pass_i.clr || pass_i.phase == 4'(PHASE_COMPUTE),
              "a row fires outside of Compute")
  `LAC_ASSERT(done_in_compute, !core_o.done || pass_i.clr || pass_i.phase == 4'(PHASE_COMPUTE),
              "an end outside of Compute")
  `LAC_ASSERT(results_in_output, !out_rd_en || pass_i.clr || pass_i.phase == 4'(PHASE_OUTPUT),
              "sums are read out before they are done")
  `LAC_ASSERT(err_of_word, !core_o.wgt_err || wgt_i.valid,
              "an error of a weight word that is not there")
  `LAC_ASSERT(loads_apart, !(|wr_wgt_row && |wr_act_col), "two packets are loaded at once")
  `LAC_ASSERT(load_of_word, !(|wr_act_col) || $past(act_i.valid), "activations that were not sent")

endmodule
