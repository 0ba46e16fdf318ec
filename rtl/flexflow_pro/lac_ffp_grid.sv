// SPDX-License-Identifier: Apache-2.0
//
// Grid of FlexFlow-Pro: Rows x Cols PEs, a feed for each column, a tree and accumulators for each row.
//
//   activations -> lac_ffp_feed, one per column -> bus -> lac_ffp_row, Rows of them -> accumulators
//                       ^ free: all rows are done with a window (lac_ffp_release)
//
// Relaxed, a window is there for the PEs of a column when its feed has sent it; in lock step, when all
// feeds have (lac_ffp_release over the columns).
// done_o: a pulse when all rows have written their last sum, 5 cycles behind the last fire.
// Errors: of the lowest row, a pulse: {row, accumulator}.
// Latency: start_i to the first bus cycle 3 cycles. Throughput: Rows * Cols pairs per cycle.
// Parameters:
//   Rows       2..32, 2, 4, 8, 16 or 32
//   Cols       2..32
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
// Model: models/flexflow_pro. Source: Lu et al., "FlexFlow", HPCA 2017, figure 5.

`include "lac_assert.svh"

module lac_ffp_grid
  import lac_pkg::*, lac_ffp_pkg::*;
#(
  parameter  int Rows      = 16,
  parameter  int Cols      = 16,
  parameter  int MaskWord  = 16,
  parameter  int KCells    = 9,
  parameter  int NCells    = 12,
  parameter  int FifoDepth = 2,
  parameter  int BusWords  = 2,
  parameter  int MaxMaps   = 4,
  parameter  int ActDepth  = 512,
  parameter  int AccDepth  = 1024,
  parameter  int AccWidth  = 48,
  parameter  int BiasWidth = 32,
  localparam int Parts     = MaskWord / 4,
  localparam int KAddr     = `LAC_INDEX_BITS(KCells * MaskWord / 4),
  localparam int ActAddr   = `LAC_INDEX_BITS(ActDepth),
  localparam int AccAddr   = `LAC_INDEX_BITS(AccDepth),
  localparam int RowCounts = 5 * $clog2(Cols + 1)
) (
  input  logic                                 clk_i,
  input  logic                                 rst_ni,
  input  lac_mem_cfg_t                         mem_cfg_i,
  input  logic                                 clr_i,
  input  logic                                 start_i,
  // the pass
  input  lac_ffp_walk_t                        walk_i,
  input  lac_ffp_slices_t                      slices_i,
  input  logic            [        Rows*7-1:0] start_cells_i,   // first windows of the rows
  input  logic            [               2:0] maps_last_i,
  input  logic            [              15:0] res_last_i,
  input  logic                                 keep_i,
  input  logic                                 use_bias_i,
  // loaders
  input  logic            [          Rows-1:0] wr_wgt_row_i,    // and column, one bit each
  input  logic            [          Cols-1:0] wr_wgt_col_i,
  input  logic            [         KAddr-1:0] wr_wgt_addr_i,
  input  logic            [              63:0] wr_wgt_data_i,
  input  logic            [          Rows-1:0] wr_bias_i,
  input  logic            [               1:0] wr_bias_addr_i,
  input  logic            [   2*BiasWidth-1:0] wr_bias_data_i,
  input  logic            [          Cols-1:0] wr_act_col_i,
  input  logic            [         Parts-1:0] wr_act_part_i,
  input  logic            [       ActAddr-1:0] wr_act_addr_i,
  input  logic            [              63:0] wr_act_data_i,
  input  logic            [               3:0] wr_act_mask_i,
  // results
  input  logic                                 out_rd_en_i,
  input  logic            [       AccAddr-1:0] out_rd_addr_i,
  output logic            [ Rows*AccWidth-1:0] accs_o,
  output logic                                 done_o,
  output logic                                 err_o,
  output logic            [              31:0] err_pos_o,
  // events: see lac_ffp_events
  output logic            [Rows*RowCounts-1:0] counts_o,
  output logic            [          Rows-1:0] fires_o,
  output logic            [          Rows-1:0] sums_o,
  output logic            [          Cols-1:0] cells_o,
  output logic            [        2*Cols-1:0] words_o,
  output logic            [          Cols-1:0] full_o
);

  `LAC_PARAM_RULE(lac_ffp_grid, Rows, 2, 32,
                  Rows == 2 || Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32,
                  "2, 4, 8, 16 or 32")
  `LAC_PARAM(lac_ffp_grid, Cols, 2, 32)
  `LAC_PARAM_RULE(lac_ffp_grid, MaskWord, 4, 16, MaskWord == 4 || MaskWord == 8 || MaskWord == 16,
                  "4, 8 or 16")
  `LAC_PARAM(lac_ffp_grid, KCells, 1, 64)
  `LAC_PARAM(lac_ffp_grid, NCells, 2, 64)
  `LAC_PARAM(lac_ffp_grid, FifoDepth, 1, 64)
  `LAC_PARAM(lac_ffp_grid, BusWords, 1, 2)
  `LAC_PARAM_RULE(lac_ffp_grid, MaxMaps, 2, 8, MaxMaps % 2 == 0, "even")
  `LAC_PARAM(lac_ffp_grid, ActDepth, 2, 65536)
  `LAC_PARAM(lac_ffp_grid, AccDepth, 1, 65536)
  `LAC_PARAM(lac_ffp_grid, AccWidth, 17, 48)
  `LAC_PARAM_RULE(lac_ffp_grid, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")

  // columns -----------------------------------------------------------------------------------
  logic [Cols*FFP_BUS_BITS-1:0] buses;
  logic [Cols-1:0] sent, windows, frees;
  logic [Rows*Cols-1:0] releases;
  logic                 all_sent;

  for (genvar j = 0; j < Cols; j++) begin : gen_col
    lac_ffp_bus_t bus;
    logic [Rows-1:0] of_rows;

    for (genvar i = 0; i < Rows; i++) begin : gen_row
      assign of_rows[i] = releases[i*Cols+j];
    end
    assign buses[j*FFP_BUS_BITS+:FFP_BUS_BITS] = bus;
    assign cells_o[j] = bus.first;

    lac_ffp_release #(
      .Num  (Rows),
      .Ahead(NCells)
    ) u_release (
      .clk_i,
      .rst_ni,
      .clr_i,
      .start_i,
      .pulse_i(of_rows),
      .all_o  (frees[j])
    );

    lac_ffp_feed #(
      .MaskWord(MaskWord),
      .NCells  (NCells),
      .BusWords(BusWords),
      .ActDepth(ActDepth),
      .AccDepth(AccDepth)
    ) u_feed (
      .clk_i,
      .rst_ni,
      .mem_cfg_i,
      .clr_i,
      .start_i,
      .slices_i,
      .wr_part_i(wr_act_col_i[j] ? wr_act_part_i : '0),
      .wr_addr_i(wr_act_addr_i),
      .wr_data_i(wr_act_data_i),
      .wr_mask_i(wr_act_mask_i),
      .free_i   (frees[j]),
      .bus_o    (bus),
      .window_o (sent[j]),
      .words_o  (words_o[j*2+:2]),
      .full_o   (full_o[j])
    );
  end

  lac_ffp_release #(
    .Num  (Cols),
    .Ahead(NCells)
  ) u_lock_step (
    .clk_i,
    .rst_ni,
    .clr_i,
    .start_i,
    .pulse_i(sent),
    .all_o  (all_sent)
  );
  assign windows = walk_i.relaxed ? sent : {Cols{all_sent}};

  // rows --------------------------------------------------------------------------------------
  logic [Rows-1:0] dones, errs;
  logic [Rows*AccAddr-1:0] err_addrs;

  for (genvar i = 0; i < Rows; i++) begin : gen_row
    lac_ffp_row #(
      .Cols(Cols),
      .MaskWord(MaskWord),
      .KCells(KCells),
      .NCells(NCells),
      .FifoDepth(FifoDepth),
      .BusWords(BusWords),
      .MaxMaps(MaxMaps),
      .AccDepth(AccDepth),
      .AccWidth(AccWidth),
      .BiasWidth(BiasWidth)
    ) u_row (
      .clk_i,
      .rst_ni,
      .mem_cfg_i,
      .clr_i,
      .start_i,
      .walk_i,
      .start_cell_i(start_cells_i[i*7+:7]),
      .maps_last_i,
      .res_last_i,
      .keep_i,
      .use_bias_i,
      .wr_col_i    (wr_wgt_row_i[i] ? wr_wgt_col_i : '0),
      .wr_addr_i   (wr_wgt_addr_i),
      .wr_data_i   (wr_wgt_data_i),
      .wr_bias_i   (wr_bias_i[i]),
      .wr_bias_addr_i,
      .wr_bias_data_i,
      .bus_i       (buses),
      .window_i    (windows),
      .release_o   (releases[i*Cols+:Cols]),
      .out_rd_en_i,
      .out_rd_addr_i,
      .acc_o       (accs_o[i*AccWidth+:AccWidth]),
      .done_o      (dones[i]),
      .err_o       (errs[i]),
      .err_addr_o  (err_addrs[i*AccAddr+:AccAddr]),
      .fire_o      (fires_o[i]),
      .sum_o       (sums_o[i]),
      .counts_o    (counts_o[i*RowCounts+:RowCounts])
    );
  end

  // ends, errors ------------------------------------------------------------------------------
  logic [Rows-1:0] done_q;
  logic all_q, ended_q;
  logic [`LAC_INDEX_BITS(Rows)-1:0] err_row;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      done_q  <= '0;
      all_q   <= 1'b0;
      ended_q <= 1'b0;
    end else if (clr_i || start_i) begin
      done_q  <= '0;
      all_q   <= 1'b0;
      ended_q <= 1'b0;
    end else begin
      done_q  <= done_q | dones;
      all_q   <= &done_q;
      ended_q <= all_q;
    end
  end
  assign done_o = all_q & ~ended_q;

  lac_ffs #(
    .Width(Rows)
  ) u_err (
    .in_i    (errs),
    .valid_o (err_o),
    .index_o (err_row),
    .onehot_o()
  );
  assign err_pos_o = {8'(err_row), 24'(err_addrs[32'(err_row)*AccAddr+:AccAddr])};

  `LAC_ASSERT(one_weight, $onehot0(wr_wgt_row_i) && $onehot0(wr_wgt_col_i),
              "two PEs take weights at once")
  `LAC_ASSERT(one_bias, $onehot0(wr_bias_i), "two rows take biases at once")
  `LAC_ASSERT(one_part, $onehot0(wr_act_col_i) && (wr_act_col_i == '0 || $onehot(wr_act_part_i)),
              "two columns take activations at once")
  `LAC_ASSERT(end_once, (dones & done_q) == '0 || start_i || clr_i, "a row ends twice")
  `LAC_ASSERT(out_apart, !out_rd_en_i || sums_o == '0, "results are read while sums are made")
  `LAC_ASSERT(fires_before_end, !done_o || fires_o == '0, "a row fires behind the end")

endmodule
