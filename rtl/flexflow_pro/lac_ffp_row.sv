// SPDX-License-Identifier: Apache-2.0
//
// Row of FlexFlow-Pro: Cols PEs, the tree that adds their sums, and the accumulators of the row.
//
//   column buses -> Cols x lac_ffp_pe -> FIFOs -> fire when all have a sum -> lac_tree -> lac_array_acc
//                                                          biases, one for each map -------^
//
// The row fires in the first cycle in which every FIFO has a sum: result r of the pass goes to accumulator
// r, as a new sum with the bias of its map (use_bias_i, else 0), or with keep_i to what is there.
// counts_o: events of two cycles before, added up over the row: useful, padding, empty, sync,
// cell_ends, from the top bits on.
// Latency: fire to the write of the accumulator 3 cycles, done_o with that of the last one.
// Throughput: Cols pairs and a result per cycle.
// Errors: an overflow raises err_o 3 cycles behind the fire; the sum is not written.
// Parameters:
//   Cols       2..32
//   MaskWord   4..16, 4, 8 or 16
//   KCells     1..64
//   NCells     2..64
//   FifoDepth  1..64
//   BusWords   1..2
//   MaxMaps    2..8, even
//   AccDepth   1..65536
//   AccWidth   17..48
//   BiasWidth  2..32, at most AccWidth
// Small: Cols 4.
// Model: models/flexflow_pro. Source: Lu et al., "FlexFlow", HPCA 2017, figure 6.

`include "lac_assert.svh"

module lac_ffp_row
  import lac_pkg::*, lac_ffp_pkg::*;
#(
  parameter  int Cols      = 16,
  parameter  int MaskWord  = 16,
  parameter  int KCells    = 9,
  parameter  int NCells    = 12,
  parameter  int FifoDepth = 2,
  parameter  int BusWords  = 2,
  parameter  int MaxMaps   = 4,
  parameter  int AccDepth  = 1024,
  parameter  int AccWidth  = 48,
  parameter  int BiasWidth = 32,
  localparam int KAddr     = `LAC_INDEX_BITS(KCells * MaskWord / 4),
  localparam int AccAddr   = `LAC_INDEX_BITS(AccDepth),
  localparam int CountBits = $clog2(Cols + 1)
) (
  input logic clk_i,
  input logic rst_ni,
  input lac_mem_cfg_t mem_cfg_i,
  input logic clr_i,
  input logic start_i,
  // the pass
  input lac_ffp_walk_t walk_i,
  input logic [6:0] start_cell_i,
  input logic [2:0] maps_last_i,  // MAPS - 1
  input logic [15:0] res_last_i,  // RES - 1
  input logic keep_i,
  input logic use_bias_i,
  // loader
  input logic [Cols-1:0] wr_col_i,
  input logic [KAddr-1:0] wr_addr_i,
  input logic [63:0] wr_data_i,
  input logic wr_bias_i,
  input logic [1:0] wr_bias_addr_i,  // two biases
  input logic [2*BiasWidth-1:0] wr_bias_data_i,
  // columns
  input logic [Cols*FFP_BUS_BITS-1:0] bus_i,
  input logic [Cols-1:0] window_i,
  output logic [Cols-1:0] release_o,
  // results
  input logic out_rd_en_i,
  input logic [AccAddr-1:0] out_rd_addr_i,
  output logic [AccWidth-1:0] acc_o,
  output logic done_o,
  output logic err_o,
  output logic [AccAddr-1:0] err_addr_o,
  // events
  output logic fire_o,
  output logic sum_o,  // an accumulator is added to
  output logic [FFP_EVENT_BITS*CountBits-1:0] counts_o
);

  `LAC_PARAM(lac_ffp_row, Cols, 2, 32)
  `LAC_PARAM_RULE(lac_ffp_row, MaskWord, 4, 16, MaskWord == 4 || MaskWord == 8 || MaskWord == 16,
                  "4, 8 or 16")
  `LAC_PARAM(lac_ffp_row, KCells, 1, 64)
  `LAC_PARAM(lac_ffp_row, NCells, 2, 64)
  `LAC_PARAM(lac_ffp_row, FifoDepth, 1, 64)
  `LAC_PARAM(lac_ffp_row, BusWords, 1, 2)
  `LAC_PARAM_RULE(lac_ffp_row, MaxMaps, 2, 8, MaxMaps % 2 == 0, "even")
  `LAC_PARAM(lac_ffp_row, AccDepth, 1, 65536)
  `LAC_PARAM(lac_ffp_row, AccWidth, 17, 48)
  `LAC_PARAM_RULE(lac_ffp_row, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")

  /* verilator no_inline_module */

  localparam int SumWidth = 31 + $clog2(KCells * MaskWord + 1);
  localparam int PsumWidth = SumWidth + $clog2(Cols);
  localparam int TreeStages = Cols > 2 ? 2 : 1;

  // PEs ---------------------------------------------------------------------------------------
  logic fire;
  logic [Cols-1:0] valid, useful, padding, empty, sync, cell_ends;
  logic [Cols*SumWidth-1:0] sums;

  for (genvar j = 0; j < Cols; j++) begin : gen_col
    lac_ffp_bus_t   bus;
    lac_ffp_event_t pe_event;

    assign bus = bus_i[j*FFP_BUS_BITS+:FFP_BUS_BITS];
    assign useful[j] = pe_event.useful;
    assign padding[j] = pe_event.padding;
    assign empty[j] = pe_event.empty;
    assign sync[j] = pe_event.sync;
    assign cell_ends[j] = pe_event.cell_ends;

    lac_ffp_pe #(
      .MaskWord (MaskWord),
      .KCells   (KCells),
      .NCells   (NCells),
      .AccDepth (AccDepth),
      .FifoDepth(FifoDepth),
      .BusWords (BusWords)
    ) u_pe (
      .clk_i,
      .rst_ni,
      .mem_cfg_i,
      .clr_i,
      .start_i,
      .start_cell_i,
      .walk_i,
      .wr_en_i    (wr_col_i[j]),
      .wr_addr_i,
      .wr_data_i,
      .bus_i      (bus),
      .window_i   (window_i[j]),
      .release_o  (release_o[j]),
      .out_valid_o(valid[j]),
      .out_ready_i(fire),
      .out_sum_o  (sums[j*SumWidth+:SumWidth]),
      .event_o    (pe_event)
    );
  end

  assign fire   = &valid;
  assign fire_o = fire;

  localparam int Kinds = FFP_EVENT_BITS;
  logic [Kinds*CountBits-1:0] counts_q;
  logic [Cols-1:0] useful_q, padding_q, empty_q, sync_q, cell_ends_q;
  assign counts_o = counts_q;
  always_ff @(posedge clk_i) begin
    useful_q <= useful;
    padding_q <= padding;
    empty_q <= empty;
    sync_q <= sync;
    cell_ends_q <= cell_ends;
    counts_q <= {
      CountBits'($countones(useful_q)),
      CountBits'($countones(padding_q)),
      CountBits'($countones(empty_q)),
      CountBits'($countones(sync_q)),
      CountBits'($countones(cell_ends_q))
    };
  end

  // tree: the sum is there two cycles behind the fire ---------------------------------------------
  logic tree_ready, tree_valid;
  logic signed [PsumWidth-1:0] tree_sum, psum;

  lac_tree #(
    .NumIn  (Cols),
    .InWidth(SumWidth),
    .Stages (TreeStages)
  ) u_tree (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i (fire),
    .in_ready_o (tree_ready),
    .in_mask_i  ({Cols{1'b1}}),
    .in_data_i  (sums),
    .out_valid_o(tree_valid),
    .out_ready_i(1'b1),
    .out_data_o (tree_sum)
  );
  if (TreeStages == 2) begin : gen_tree
    logic unused_valid;
    assign unused_valid = tree_valid;
    assign psum         = tree_sum;
  end else begin : gen_short_tree
    always_ff @(posedge clk_i) if (tree_valid) psum <= tree_sum;
  end

  // accumulators: address a cycle behind the fire, sum and bias two -------------------------------
  logic fire_q, last, unused_first, unused_init, unused_last;
  logic [AccAddr-1:0] addr_q, unused_addr;
  logic [2:0] map_q;
  logic [BiasWidth-1:0] bias_q;
  logic [MaxMaps*BiasWidth-1:0] biases;
  bit [BiasWidth-1:0] bias;  // as of a memory: one never written is some bias

  for (genvar m = 0; m < MaxMaps; m++) begin : gen_bias
    logic [BiasWidth-1:0] mine_q;
    always_ff @(posedge clk_i)
      if (wr_bias_i && 32'(wr_bias_addr_i) == m / 2)
        mine_q <= wr_bias_data_i[(m%2)*BiasWidth+:BiasWidth];
    assign biases[m*BiasWidth+:BiasWidth] = mine_q;
  end

  assign bias = biases[32'(map_q)*BiasWidth+:BiasWidth];
  assign last = 16'(addr_q) == res_last_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) fire_q <= 1'b0;
    else fire_q <= fire & ~clr_i;
  end
  always_ff @(posedge clk_i) begin
    if (start_i) begin
      addr_q <= '0;
      map_q  <= '0;
    end else if (fire_q) begin
      addr_q <= addr_q + AccAddr'(1);
      map_q  <= map_q == maps_last_i ? '0 : map_q + 3'd1;
    end
    if (fire_q) bias_q <= use_bias_i ? bias : '0;
  end

  lac_array_acc #(
    .PsumWidth(PsumWidth),
    .AccWidth (AccWidth),
    .AccDepth (AccDepth),
    .BiasWidth(BiasWidth)
  ) u_acc (
    .clk_i,
    .rst_ni,
    .mem_cfg_i,
    .clr_i,
    .ctl_valid_i(fire_q),
    .ctl_first_i(1'b1),
    .ctl_init_i (~keep_i),
    .ctl_last_i (last),
    .ctl_addr_i (addr_q),
    .ctl_valid_o(sum_o),
    .ctl_first_o(unused_first),
    .ctl_init_o (unused_init),
    .ctl_last_o (unused_last),
    .ctl_addr_o (unused_addr),
    .psum_i     (psum),
    .bias_i     (bias_q),
    .out_rd_en_i,
    .out_rd_addr_i,
    .acc_o,
    .done_o,
    .err_o,
    .err_addr_o
  );

  `LAC_ASSERT(fire_all, !fire || valid == '1, "fired without the sum of a column")
  `LAC_ASSERT(tree_takes, tree_ready, "the tree does not take a sum")
  `LAC_ASSERT(acc_range, !fire_q || 16'(addr_q) <= res_last_i, "a result past those of the pass")
  `LAC_ASSERT(map_range, !fire_q || map_q <= maps_last_i, "a map past those of the pass")
  `LAC_ASSERT(load_apart, !wr_bias_i || !fire_q, "biases are loaded while they are read")
  `LAC_COVER(cover_in_a_row, fire && fire_q)

endmodule
