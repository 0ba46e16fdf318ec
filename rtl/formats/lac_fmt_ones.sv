// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_ones: where the first ones of a mask are, one per lane.
//
// Purpose: what lac_fmt_lanes is to slots, for the next ones of a mask, whose values are in their
//   lanes already. The mask comes early, from a register: the ones below each group of 8 bits are
//   counted in front of the next register, those below a place in its group behind it.
//
//   mask --> | mask           | --> number of each one --> position by number --> | lanes |
//        \-> | ones per group |
//
// Example, 2 lanes, mask 1001_0110, keep 11, used 1 -> slot 4 2.
//
// A step hands over a mask with lanes in use (beat_valid_i, keep_i from lane 0, at least one) and
// the number of its ones that steps before have used (used_i), or the end of the tile, or nothing.
// base_i goes along. ready_o depends on ready_i combinationally.
// Latency 2 cycles. Throughput one step per cycle.
// Parameters:
//   NumSlots   8..256, a multiple of 8
//   NumLanes   1..16
//   BaseWidth  1..1024
// Model: none of its own. Source: common practice.

`include "lac_assert.svh"

module lac_fmt_ones
  import lac_fmt_pkg::*;
#(
  parameter int NumSlots = 64,
  parameter int NumLanes = 4,
  parameter int BaseWidth = 8,
  localparam int SlotIndexWidth = $clog2(NumSlots),
  localparam int RankWidth = $clog2(NumSlots + 1)
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  // steps
  output logic                               ready_o,
  input  logic                               beat_valid_i,
  input  logic [               NumLanes-1:0] keep_i,
  input  logic [               NumSlots-1:0] mask_i,
  input  logic [              RankWidth-1:0] used_i,
  input  logic [              BaseWidth-1:0] base_i,
  input  logic                               end_valid_i,
  input  logic [               ErrWidth-1:0] end_err_i,
  input  logic [               PosWidth-1:0] end_pos_i,
  // lanes
  input  logic                               ready_i,
  output logic                               beat_valid_o,
  output logic [               NumLanes-1:0] keep_o,
  output logic [NumLanes*SlotIndexWidth-1:0] slot_o,
  output logic [              BaseWidth-1:0] base_o,
  output logic                               end_valid_o,
  output logic [               ErrWidth-1:0] end_err_o,
  output logic [               PosWidth-1:0] end_pos_o
);

  `LAC_PARAM_RULE(lac_fmt_ones, NumSlots, 8, 256, NumSlots % 8 == 0, "a multiple of 8")
  `LAC_PARAM(lac_fmt_ones, NumLanes, 1, 16)
  `LAC_PARAM(lac_fmt_ones, BaseWidth, 1, 1024)

  localparam int Group = 8;
  localparam int NumGroups = NumSlots / Group;

  // The ones below each group.
  logic [NumGroups*RankWidth-1:0] below, below_q;
  for (genvar g = 0; g < NumGroups; g++) begin : gen_below
    if (g == 0) begin : gen_none
      assign below[RankWidth-1:0] = '0;
    end else begin : gen_count
      logic [$clog2(g*Group+1)-1:0] ones;
      lac_fmt_count #(
        .Width(g * Group)
      ) u_ones (
        .bits_i(mask_i[g*Group-1:0]),
        .ones_o(ones)
      );
      assign below[g*RankWidth+:RankWidth] = RankWidth'(ones);
    end
  end

  logic [1:0] en;
  logic [NumSlots-1:0] mask_q;
  logic [RankWidth-1:0] used_q;
  logic [NumLanes-1:0] keep_q;
  logic [BaseWidth-1:0] base_q;
  logic [NumLanes*SlotIndexWidth-1:0] slot;

  lac_fmt_stages #(
    .Stages(2)
  ) u_stages (
    .clk_i,
    .rst_ni,
    .ready_o,
    .beat_valid_i,
    .end_valid_i,
    .end_err_i,
    .end_pos_i,
    .ready_i,
    .beat_valid_o,
    .end_valid_o,
    .end_err_o,
    .end_pos_o,
    .en_o(en)
  );

  always_ff @(posedge clk_i) begin
    if (en[0]) begin
      mask_q  <= mask_i;
      used_q  <= used_i;
      below_q <= below;
      keep_q  <= keep_i;
      base_q  <= base_i;
    end
    if (en[1]) begin
      keep_o <= keep_q;
      slot_o <= slot;
      base_o <= base_q;
    end
  end

  // Ones below each place in its group: bits 2, 1 and 0 of it for all places.
  logic [NumSlots-1:0] local_f, local_t, local_o;
  for (genvar i = 0; i < NumSlots; i++) begin : gen_local
    if (i % Group == 0) begin : gen_lowest
      assign {local_f[i], local_t[i], local_o[i]} = 3'd0;
    end else begin : gen_above
      assign {local_f[i], local_t[i], local_o[i]} = 3'($countones(mask_q[i/Group*Group+:i%Group]));
    end
  end

  // How many ones of a group are in front of the next one: of lane 0, then of the others.
  logic [NumGroups*RankWidth-1:0] skip;
  for (genvar g = 0; g < NumGroups; g++) begin : gen_skip
    assign skip[g*RankWidth+:RankWidth] = used_q - below_q[g*RankWidth+:RankWidth];
  end
  for (genvar l = 0; l < NumLanes; l++) begin : gen_lane
    logic [NumSlots-1:0] want_f, want_t, want_o, in_group, here;
    for (genvar g = 0; g < NumGroups; g++) begin : gen_group
      logic [RankWidth-1:0] want;  // below 0: past the group's first Group ones all the same
      assign want = skip[g*RankWidth+:RankWidth] + RankWidth'(l);
      assign want_f[g*Group+:Group] = {Group{want[2]}};
      assign want_t[g*Group+:Group] = {Group{want[1]}};
      assign want_o[g*Group+:Group] = {Group{want[0]}};
      assign in_group[g*Group+:Group] = {Group{want[RankWidth-1:3] == '0}};
    end
    assign here = mask_q & in_group & (local_f ~^ want_f) & (local_t ~^ want_t)
                & (local_o ~^ want_o);
    for (genvar b = 0; b < SlotIndexWidth; b++) begin : gen_bit
      logic [NumSlots-1:0] with_bit;
      for (genvar i = 0; i < NumSlots; i++) begin : gen_place
        assign with_bit[i] = ((i >> b) & 1) == 1;
      end
      assign slot[l*SlotIndexWidth+b] = (here & with_bit) != '0;
    end
  end

  `LAC_ASSERT(lanes_from_0,
              !beat_valid_i || (keep_i[0] && (keep_i & (keep_i + NumLanes'(1))) == '0),
              "lanes with holes, or none")
  `LAC_ASSERT(ones_enough, !beat_valid_i || 32'(used_i) + 32'($countones(keep_i)) <= 32'($countones
              (mask_i)), "more lanes than ones")

  `LAC_ASSERT(out_from_0, !beat_valid_o || (keep_o[0] && (keep_o & (keep_o + NumLanes'(1))) == '0),
              "lanes with holes come out, or none")
  for (genvar l = 1; l < NumLanes; l++) begin : gen_order
    `LAC_ASSERT(slots_rise,
                !(beat_valid_o && keep_o[l]) || slot_o[l*SlotIndexWidth+:SlotIndexWidth]
                > slot_o[(l-1)*SlotIndexWidth+:SlotIndexWidth],
                "ones out of order")
  end

endmodule
