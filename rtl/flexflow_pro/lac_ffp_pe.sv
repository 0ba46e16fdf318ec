// SPDX-License-Identifier: Apache-2.0
//
// PE of FlexFlow-Pro: multiplies the pairs of live words of its windows, one per cycle.
//
//   column bus -> neuron store (ring), masks -+
//   weights ----> kernel store, masks --------+-> lac_ffp_scan -> read -> multiply -> add -> FIFO -> sum
//
// Neuron store: live words as they come, BusWords in a row, MaskWord/BusWords rows a cell: the word of
// a position is the one whose number is that of the live ones below it.
// Kernel store: all weights, four in a row, as the stream words have them; their masks (not zero)
// are made here. Masks are registers, the stores memories.
// A sum has its place in the FIFO before its last position is picked: what has left the FIFO
// makes room for the position of the next cycle.
// bus_i and window_i: what was written in a cycle can be picked in the next one. wr_*: not in Compute.
// Streams: out; out_valid_o comes from a register.
// Latency: last position of a result to out_valid_o 4 cycles. Throughput: one pair per cycle.
// Sums are exact: KCells * MaskWord products.
// Parameters:
//   MaskWord   4..16, 4, 8 or 16
//   KCells     1..64
//   NCells     2..64
//   AccDepth   1..65536
//   FifoDepth  1..64
//   BusWords   1..2
// Model: models/flexflow_pro. Source: Lu et al., "FlexFlow-Pro", IEEE TC 2019.

`include "lac_assert.svh"

module lac_ffp_pe
  import lac_pkg::*, lac_ffp_pkg::*;
#(
  parameter int MaskWord = 16,
  parameter int KCells = 9,
  parameter int NCells = 12,
  parameter int AccDepth = 1024,
  parameter int FifoDepth = 2,
  parameter int BusWords = 2,
  localparam int Parts = MaskWord / 4,  // rows of the kernel store per cell
  localparam int KRows = KCells * Parts,
  localparam int KAddr = `LAC_INDEX_BITS(KRows),
  localparam int SumWidth = 31 + $clog2(KCells * MaskWord + 1)
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  lac_mem_cfg_t                  mem_cfg_i,
  input  logic                          clr_i,
  input  logic                          start_i,
  input  logic           [         6:0] start_cell_i,
  input  lac_ffp_walk_t                 walk_i,
  input  logic                          wr_en_i,
  input  logic           [   KAddr-1:0] wr_addr_i,
  input  logic           [        63:0] wr_data_i,
  input  lac_ffp_bus_t                  bus_i,
  input  logic                          window_i,      // with the last cycle of its last cell
  output logic                          release_o,
  output logic                          out_valid_o,
  input  logic                          out_ready_i,
  output logic           [SumWidth-1:0] out_sum_o,
  output lac_ffp_event_t                event_o
);

  `LAC_PARAM_RULE(lac_ffp_pe, MaskWord, 4, 16, MaskWord == 4 || MaskWord == 8 || MaskWord == 16,
                  "4, 8 or 16")
  `LAC_PARAM(lac_ffp_pe, KCells, 1, 64)
  `LAC_PARAM(lac_ffp_pe, NCells, 2, 64)
  `LAC_PARAM(lac_ffp_pe, AccDepth, 1, 65536)
  `LAC_PARAM(lac_ffp_pe, FifoDepth, 1, 64)
  `LAC_PARAM(lac_ffp_pe, BusWords, 1, 2)

  // One function for all PEs: inlined, a grid of them is one that takes minutes to compile.
  /* verilator no_inline_module */

  localparam int KWidth = `LAC_INDEX_BITS(KCells);
  localparam int NWidth = $clog2(NCells);
  localparam int PosWidth = $clog2(MaskWord);
  localparam int RowBits = $clog2(MaskWord / BusWords);
  localparam int NRows = NCells * (MaskWord / BusWords);
  localparam int Word = FFP_WORD_BITS;

  // A build uses some of the bits of the bus.
  logic unused_bits;
  assign unused_bits = ^bus_i;

  // masks -------------------------------------------------------------------------------------
  // As of a memory: a cell never written is some cell, unknown bits are read as 0.
  logic [  NWidth-1:0] ncell;
  logic [  KWidth-1:0] wcell;
  logic [MaskWord-1:0] nmask_q[NCells];
  bit [MaskWord-1:0] nmask, wmask;
  logic [3:0] live;

  always_ff @(posedge clk_i)
    if (bus_i.first)
      nmask_q[NWidth'(bus_i.place)] <= MaskWord'(bus_i.mask);
  assign nmask = nmask_q[ncell];

  for (genvar w = 0; w < 4; w++) begin : gen_live
    assign live[w] = wr_data_i[w*Word+:Word] != '0;
  end
  for (genvar p = 0; p < Parts; p++) begin : gen_part
    logic [3:0] wmask_q[KCells];
    logic mine;
    assign mine = 32'(wr_addr_i) % Parts == p;
    always_ff @(posedge clk_i) if (wr_en_i && mine) wmask_q[KWidth'(32'(wr_addr_i)/Parts)] <= live;
    assign wmask[p*4+:4] = wmask_q[wcell];
  end

  // scan --------------------------------------------------------------------------------------
  logic room, pair, last;
  logic [PosWidth-1:0] pos;
  logic [MaskWord-1:0] below;

  lac_ffp_scan #(
    .MaskWord(MaskWord),
    .KCells  (KCells),
    .NCells  (NCells),
    .AccDepth(AccDepth)
  ) u_scan (
    .clk_i,
    .rst_ni,
    .clr_i,
    .start_i,
    .start_cell_i,
    .walk_i,
    .window_i,
    .room_i (room),
    .ncell_o(ncell),
    .wcell_o(wcell),
    .nmask_i(nmask),
    .wmask_i(wmask),
    .pair_o (pair),
    .pos_o  (pos),
    .below_o(below),
    .last_o (last),
    .release_o,
    .event_o
  );

  // read, multiply, add -----------------------------------------------------------------------
  logic pair1_q, pair2_q, pair3_q, last1_q, last2_q, last3_q;
  logic [PosWidth-1:0] pos1_q, rank;
  logic [MaskWord-1:0] below1_q;
  logic [NWidth-1:0] ncell1_q;
  logic [KWidth-1:0] wcell1_q;
  logic [3:0] pick2_q;  // a bit for each weight of the row
  logic lane2_q;
  logic [63:0] weights;
  logic [BusWords*Word-1:0] neurons;
  logic signed [Word-1:0] weight, neuron;
  logic signed [2*Word-1:0] product_q;
  logic signed [SumWidth-1:0] acc_q, sum;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {pair1_q, pair2_q, pair3_q, last1_q, last2_q, last3_q} <= '0;
    else if (clr_i || start_i) {pair1_q, pair2_q, pair3_q, last1_q, last2_q, last3_q} <= '0;
    else begin
      {pair1_q, pair2_q, pair3_q} <= {pair, pair1_q, pair2_q};
      {last1_q, last2_q, last3_q} <= {last, last1_q, last2_q};
    end
  end

  assign rank = PosWidth'($countones(below1_q));
  assign weight = (weights[0*Word+:Word] & {Word{pick2_q[0]}})
                | (weights[1*Word+:Word] & {Word{pick2_q[1]}})
                | (weights[2*Word+:Word] & {Word{pick2_q[2]}})
                | (weights[3*Word+:Word] & {Word{pick2_q[3]}});
  if (BusWords == 2) begin : gen_lanes
    assign neuron = lane2_q ? neurons[Word+:Word] : neurons[0+:Word];
  end else begin : gen_lane
    logic unused_lane;
    assign unused_lane = lane2_q;
    assign neuron = neurons;
  end
  assign sum = acc_q + (pair3_q ? SumWidth'(product_q) : '0);

  always_ff @(posedge clk_i) begin
    if (pair) begin
      pos1_q   <= pos;
      below1_q <= below;
      ncell1_q <= ncell;
      wcell1_q <= wcell;
    end
    if (pair1_q) begin
      pick2_q <= 4'd1 << pos1_q[1:0];
      lane2_q <= rank[0];
    end
    if (pair2_q) product_q <= weight * neuron;
    if (start_i || last3_q) acc_q <= '0;
    else if (pair3_q) acc_q <= sum;
  end

  lac_sram #(
    .Width(64),
    .Depth(KRows)
  ) u_kernel (
    .clk_i,
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (pair1_q),
    .rd_addr_i(KAddr'(32'(wcell1_q) * Parts + 32'(pos1_q >> 2))),
    .rd_data_o(weights),
    .wr_en_i,
    .wr_addr_i,
    .wr_data_i
  );

  lac_sram #(
    .Width(BusWords * Word),
    .Depth(NRows),
    .Ports(2)
  ) u_neurons (
    .clk_i,
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (pair1_q),
    .rd_addr_i({ncell1_q, rank[PosWidth-1-:RowBits]}),
    .rd_data_o(neurons),
    .wr_en_i  (bus_i.valid),
    .wr_addr_i({NWidth'(bus_i.place), RowBits'(bus_i.beat)}),
    .wr_data_i(bus_i.words[BusWords*Word-1:0])
  );

  // sums --------------------------------------------------------------------------------------
  localparam int LevelWidth = $clog2(FifoDepth + 1);
  logic taken;
  logic fifo_ready, issued;
  logic [LevelWidth-1:0] unused_level, unused_credits;

  assign taken = out_valid_o & out_ready_i;

  lac_credit #(
    .Depth(FifoDepth)
  ) u_room (
    .clk_i,
    .rst_ni,
    .clr_i     (clr_i | start_i),
    .in_valid_i(last),
    .in_ready_o(room),
    .issue_o   (issued),
    .return_i  (taken),
    .credits_o (unused_credits)
  );

  lac_fifo #(
    .Width(SumWidth),
    .Depth(FifoDepth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clr_i     (clr_i | start_i),
    .in_valid_i(last3_q),
    .in_ready_o(fifo_ready),
    .in_data_i (sum),
    .out_valid_o,
    .out_ready_i,
    .out_data_o(out_sum_o),
    .level_o   (unused_level)
  );

  `LAC_STREAM_CLR(out_valid_o, out_ready_i, out_sum_o, clr_i || start_i)
  `LAC_ASSERT(fifo_room, !last3_q || fifo_ready, "a sum finds no place in the FIFO")
  `LAC_ASSERT(all_issued, issued == last, "a result ends without a place in the FIFO")
  `LAC_ASSERT(load_apart, !wr_en_i || !pair1_q, "weights are loaded while they are read")
  `LAC_ASSERT(cell_there, !bus_i.first || !event_o.cell_ends || bus_i.place != 6'(ncell),
              "a cell is overwritten while it is looked at")
  `LAC_ASSERT(word_there, !bus_i.valid || !pair1_q || bus_i.place != 6'(ncell1_q),
              "a word is overwritten while it is read")
  `LAC_ASSERT(bus_range, !(bus_i.first || bus_i.valid) || 7'(bus_i.place) < walk_i.ring_cells,
              "a cell past the ring")

endmodule
