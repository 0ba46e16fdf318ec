// SPDX-License-Identifier: Apache-2.0
//
// PE of Cambricon-SE: picks the codes of a vector, decodes them, multiplies, adds, accumulates.
//
//   code buffer -> two slots -> a code per lane -> codebook or shift -> * neuron -> tree -> sum of the output -> lac_array_acc
//
// Natural: rank_i is among the lane's own codes, of which there are CodeRow / Lanes.
// A lane: lac_cse_synapse, lac_cse_lane.
// Time, vector in cycle 0 at rank_i: code 1, weight 2, product 3, tree 5, sum 6; of the last vector of an output
// ctl_* comes in 5, the accumulator is written in 7 (done_o, err_o).
// neurons_i is that of the weights: a cycle behind rank_i it is picked, and comes in cycle 2.
// Latency: 8 cycles. Throughput: a vector per cycle.
// Parameters:
//   Lanes      2..16, 2, 4, 8 or 16
//   CodeRow    4..256, a multiple of Lanes
//   Natural    any
//   ListDepth  2..65536
//   AccDepth   1..65536
//   AccWidth   17..48
//   BiasDepth  1..4096
//   BiasWidth  2..32, at most AccWidth
// Model: models/cambricon_se machine. Source: Zhou et al., "Cambricon-S", MICRO 2018, figures 12, 14.

`include "lac_assert.svh"

module lac_cse_pe
  import lac_pkg::*;
#(
  parameter  int Lanes     = 16,
  parameter  int CodeRow   = 64,
  parameter  bit Natural   = 0,
  parameter  int ListDepth = 256,
  parameter  int AccDepth  = 1024,
  parameter  int AccWidth  = 48,
  parameter  int BiasDepth = 64,
  parameter  int BiasWidth = 32,
  localparam int LaneCodes = Natural ? CodeRow / Lanes : CodeRow,  // that a lane looks at
  localparam int RankBits  = `LAC_INDEX_BITS(LaneCodes),
  localparam int ListAddr  = `LAC_INDEX_BITS(ListDepth),
  localparam int AccAddr   = `LAC_INDEX_BITS(AccDepth),
  localparam int BiasAddr  = `LAC_INDEX_BITS(BiasDepth),
  localparam int BookBits  = 16 * 16,
  localparam int UseBits   = $clog2(Lanes + 1)
) (
  input logic clk_i,
  input logic rst_ni,
  input lac_mem_cfg_t mem_cfg_i,
  input logic clr_i,
  input logic code4_i,
  input logic keep_i,
  input logic use_bias_i,
  // loader
  input logic wr_codes_i,
  input logic wr_bias_low_i,
  input logic wr_bias_high_i,
  input logic [15:0] wr_addr_i,
  input logic [4:0] wr_part_i,
  input logic [63:0] wr_data_i,
  input logic wr_both_i,  // of codes: the next word too
  input logic [63:0] wr_high_i,
  // codes of the window that enters, and where they go a cycle later
  input logic code_rd_i,
  input logic [ListAddr-1:0] code_addr_i,
  input logic load_i,
  input logic load_slot_i,
  // vector
  input logic pick_i,  // a vector at rank_i
  input logic [Lanes-1:0] valid_i,
  input logic [Lanes-1:0] slot_i,
  input logic [Lanes*RankBits-1:0] rank_i,
  input logic [Lanes*16-1:0] neurons_i,  // with the weights, 2 cycles behind rank_i
  input logic [2*BookBits-1:0] books_i,  // of both slots, with the codes
  input logic fire_i,  // a vector, 5 cycles behind rank_i: its tree is done
  input logic first_i,  // of its output
  input logic ctl_i,  // and last
  input logic ctl_last_i,  // of the pass
  input logic [AccAddr-1:0] ctl_addr_i,
  input logic [BiasAddr-1:0] ctl_bias_i,
  // results
  input logic out_rd_en_i,
  input logic [AccAddr-1:0] out_rd_addr_i,
  output logic [AccWidth-1:0] acc_o,
  output logic done_o,
  output logic err_o,
  output logic [AccAddr-1:0] err_addr_o,
  output logic [UseBits-1:0] useful_o,  // products of two numbers that are not zero, 3 cycles ago
  output logic [UseBits-1:0] padding_o  // and of others
);

  `LAC_PARAM_RULE(lac_cse_pe, Lanes, 2, 16, Lanes == 2 || Lanes == 4 || Lanes == 8 || Lanes == 16,
                  "2, 4, 8 or 16")
  `LAC_PARAM_RULE(lac_cse_pe, CodeRow, 4, 256, CodeRow % Lanes == 0, "a multiple of Lanes")
  `LAC_PARAM(lac_cse_pe, ListDepth, 2, 65536)
  `LAC_PARAM(lac_cse_pe, AccDepth, 1, 65536)
  `LAC_PARAM(lac_cse_pe, AccWidth, 17, 48)
  `LAC_PARAM(lac_cse_pe, BiasDepth, 1, 4096)
  `LAC_PARAM_RULE(lac_cse_pe, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")

  /* verilator no_inline_module */

  localparam int CodeParts = (CodeRow + 7) / 8;
  localparam int TreeStages = Lanes > 2 ? 2 : 1;
  localparam int TreeWidth = 32 + $clog2(Lanes);
  localparam int SumWidth = 31 + $clog2(ListDepth * CodeRow + 1);

  // codes -----------------------------------------------------------------------------------------
  logic [CodeParts*64-1:0] row, slot0_q, slot1_q;

  for (genvar p = 0; p < CodeParts; p++) begin : gen_part
    logic mine;
    logic [63:0] word;
    if (p % 2 == 1) begin : gen_odd
      assign mine = wr_part_i == (wr_both_i ? 5'(p - 1) : 5'(p));
      assign word = wr_both_i ? wr_high_i : wr_data_i;
    end else begin : gen_even
      assign mine = wr_part_i == 5'(p);
      assign word = wr_data_i;
    end
    lac_sram #(
      .Width(64),
      .Depth(ListDepth)
    ) u_part (
      .clk_i,
      .cfg_i    (mem_cfg_i),
      .rd_en_i  (code_rd_i),
      .rd_addr_i(code_addr_i),
      .rd_data_o(row[p*64+:64]),
      .wr_en_i  (wr_codes_i & mine),
      .wr_addr_i(ListAddr'(wr_addr_i)),
      .wr_data_i(word)
    );
  end

  always_ff @(posedge clk_i) begin
    if (load_i && !load_slot_i) slot0_q <= row;
    if (load_i && load_slot_i) slot1_q <= row;
  end

  // Behind the last code of a row.
  logic unused_codes;
  assign unused_codes = ^{slot0_q, slot1_q};

  // lanes: code, weight, product --------------------------------------------------------------------
  logic [Lanes-1:0] useful, padding;
  logic [Lanes*32-1:0] products;
  logic [UseBits-1:0] useful_q, padding_q;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    localparam int First = Natural ? l * LaneCodes * 8 : 0;
    logic [7:0] code;

    lac_cse_synapse #(
      .Codes(LaneCodes)
    ) u_synapse (
      .clk_i,
      .slot_i  (slot_i[l]),
      .rank_i  (rank_i[l*RankBits+:RankBits]),
      .codes0_i(slot0_q[First+:LaneCodes*8]),
      .codes1_i(slot1_q[First+:LaneCodes*8]),
      .code_o  (code)
    );
    lac_cse_lane u_lane (
      .clk_i,
      .code4_i,
      .valid_i  (valid_i[l]),
      .slot_i   (slot_i[l]),
      .code_i   (code),
      .books_i,
      .neuron_i (neurons_i[l*16+:16]),
      .product_o(products[l*32+:32]),
      .useful_o (useful[l]),
      .padding_o(padding[l])
    );
  end

  always_ff @(posedge clk_i) begin
    useful_q  <= UseBits'($countones(useful));
    padding_q <= UseBits'($countones(padding));
  end
  assign useful_o  = useful_q;
  assign padding_o = padding_q;

  // tree: two cycles, of a vector alone -----------------------------------------------------------
  logic [2:0] pick_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) pick_q <= '0;
    else if (clr_i) pick_q <= '0;
    else pick_q <= {pick_q[1:0], pick_i};
  end
  logic tree_ready, tree_valid;
  logic signed [TreeWidth-1:0] tree_sum, psum;

  lac_tree #(
    .NumIn  (Lanes),
    .InWidth(32),
    .Stages (TreeStages)
  ) u_tree (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i (pick_q[2]),
    .in_ready_o (tree_ready),
    .in_mask_i  ({Lanes{1'b1}}),
    .in_data_i  (products),
    .out_valid_o(tree_valid),
    .out_ready_i(1'b1),
    .out_data_o (tree_sum)
  );
  if (TreeStages == 2) begin : gen_tree
    assign psum = tree_sum;
  end else begin : gen_short_tree
    always_ff @(posedge clk_i) if (tree_valid) psum <= tree_sum;
  end
  logic unused_valid;
  assign unused_valid = tree_valid ^ tree_ready;

  // sum of the output, accumulator ------------------------------------------------------------------
  logic signed [SumWidth-1:0] sum_q;
  logic unused_valid_o, unused_first, unused_init, unused_last;
  logic [AccAddr-1:0] unused_addr;
  logic [BiasWidth-1:0] bias_low, bias_high, bias;
  logic bias_odd_q;

  always_ff @(posedge clk_i) begin
    if (fire_i) sum_q <= (first_i ? '0 : sum_q) + SumWidth'(psum);
    bias_odd_q <= ctl_bias_i[0];
  end

  localparam int PairDepth = (BiasDepth + 1) / 2;
  localparam int PairAddr = `LAC_INDEX_BITS(PairDepth);
  logic [BiasAddr:0] pair;
  assign pair = {1'b0, ctl_bias_i} >> 1;

  lac_sram #(
    .Width(BiasWidth),
    .Depth(PairDepth)
  ) u_bias_low (
    .clk_i,
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (ctl_i & use_bias_i),
    .rd_addr_i(PairAddr'(pair)),
    .rd_data_o(bias_low),
    .wr_en_i  (wr_bias_low_i),
    .wr_addr_i(PairAddr'(wr_addr_i)),
    .wr_data_i(wr_data_i[0+:BiasWidth])
  );
  lac_sram #(
    .Width(BiasWidth),
    .Depth(PairDepth)
  ) u_bias_high (
    .clk_i,
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (ctl_i & use_bias_i),
    .rd_addr_i(PairAddr'(pair)),
    .rd_data_o(bias_high),
    .wr_en_i  (wr_bias_high_i),
    .wr_addr_i(PairAddr'(wr_addr_i)),
    .wr_data_i(wr_data_i[32+:BiasWidth])
  );
  assign bias = !use_bias_i ? '0 : bias_odd_q ? bias_high : bias_low;

  lac_array_acc #(
    .PsumWidth(SumWidth),
    .AccWidth (AccWidth),
    .AccDepth (AccDepth),
    .BiasWidth(BiasWidth)
  ) u_acc (
    .clk_i,
    .rst_ni,
    .mem_cfg_i,
    .clr_i,
    .ctl_valid_i(ctl_i),
    .ctl_first_i(1'b1),
    .ctl_init_i (~keep_i),
    .ctl_last_i,
    .ctl_addr_i,
    .ctl_valid_o(unused_valid_o),
    .ctl_first_o(unused_first),
    .ctl_init_o (unused_init),
    .ctl_last_o (unused_last),
    .ctl_addr_o (unused_addr),
    .psum_i     (sum_q),
    .bias_i     (bias),
    .out_rd_en_i,
    .out_rd_addr_i,
    .acc_o,
    .done_o,
    .err_o,
    .err_addr_o
  );

  // A part of a bias' pair has more bits than the memory, where that is short.
  logic unused_bits;
  assign unused_bits = ^{wr_addr_i, wr_data_i, wr_both_i, wr_high_i, pair};

  `LAC_ASSERT(sum_of_vector, !ctl_i || fire_i, "an output ends without a vector")
  `LAC_ASSERT(load_alone, !wr_codes_i || !code_rd_i, "codes are read while they are loaded")
  `LAC_ASSERT(slot_of_lane, (slot_i & ~valid_i) == '0, "a slot of a lane without a survivor")
  `LAC_ASSERT(bias_range, !ctl_i || !use_bias_i || 32'(ctl_bias_i) < 32'(BiasDepth), "no such bias")

endmodule
