// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_lanes: two register stages that close the holes between the slots of a step.
//
// Purpose: between a step that takes slots with holes and lac_fmt_out, so that the path through
//   the window does not go on through the compaction, nor that to the coordinates of the lanes.
//
//   step --> | slots, base, end | --> compaction --> | lanes, base, end | --> lac_fmt_out
//
// Example, 4 slots, 2 lanes: keep 0101, data d c b a -> keep 11, data c a, slot 2 0.
//
// A step hands over slots (beat_valid_i with at least one kept and at most NumLanes), or the end of
// the tile, or nothing. base_i goes along (coordinates of slot 0 and the like); slot_o is the
// number of the slot each lane came from; lanes that are not in use are 0. ready_o depends on
// ready_i combinationally.
// Latency 2 cycles. Throughput one step per cycle.
// With fewer slots than lanes the upper lanes stay empty.
// Parameters:
//   NumSlots   1..256
//   NumLanes   1..16
//   DataWidth  1..256
//   BaseWidth  1..1024
// Model: none of its own. Source: common practice.

`include "lac_assert.svh"

module lac_fmt_lanes
  import lac_fmt_pkg::*;
#(
  parameter int NumSlots = 8,
  parameter int NumLanes = 4,
  parameter int DataWidth = 8,
  parameter int BaseWidth = 8,
  localparam int SlotIndexWidth = `LAC_INDEX_BITS(NumSlots)
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  // steps
  output logic                               ready_o,
  input  logic                               beat_valid_i,
  input  logic [               NumSlots-1:0] keep_i,
  input  logic [     NumSlots*DataWidth-1:0] data_i,
  input  logic [              BaseWidth-1:0] base_i,
  input  logic                               end_valid_i,
  input  logic [               ErrWidth-1:0] end_err_i,
  input  logic [               PosWidth-1:0] end_pos_i,
  // lanes
  input  logic                               ready_i,
  output logic                               beat_valid_o,
  output logic [               NumLanes-1:0] keep_o,
  output logic [     NumLanes*DataWidth-1:0] data_o,
  output logic [NumLanes*SlotIndexWidth-1:0] slot_o,
  output logic [              BaseWidth-1:0] base_o,
  output logic                               end_valid_o,
  output logic [               ErrWidth-1:0] end_err_o,
  output logic [               PosWidth-1:0] end_pos_o
);

  `LAC_PARAM(lac_fmt_lanes, NumSlots, 1, 256)
  `LAC_PARAM(lac_fmt_lanes, NumLanes, 1, 16)
  `LAC_PARAM(lac_fmt_lanes, DataWidth, 1, 256)
  `LAC_PARAM(lac_fmt_lanes, BaseWidth, 1, 1024)

  localparam int UsedLanes = NumLanes < NumSlots ? NumLanes : NumSlots;

  logic [1:0] en;
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

  // A step as it came.
  logic [NumSlots-1:0] keep_q;
  logic [NumSlots*DataWidth-1:0] data_q;
  logic [BaseWidth-1:0] base_q;

  always_ff @(posedge clk_i) begin
    if (en[0]) begin
      keep_q <= keep_i;
      data_q <= data_i;
      base_q <= base_i;
    end
  end

  // Its lanes.
  logic [NumLanes-1:0] keep;
  logic [NumLanes*DataWidth-1:0] data;
  logic [NumLanes*SlotIndexWidth-1:0] slot;

  lac_compact #(
    .NumIn (NumSlots),
    .NumOut(UsedLanes),
    .Width (DataWidth)
  ) u_compact (
    .keep_i (keep_q),
    .data_i (data_q),
    .keep_o (keep[UsedLanes-1:0]),
    .data_o (data[UsedLanes*DataWidth-1:0]),
    .index_o(slot[UsedLanes*SlotIndexWidth-1:0])
  );
  if (NumLanes > UsedLanes) begin : gen_empty
    assign keep[NumLanes-1:UsedLanes] = '0;
    assign data[NumLanes*DataWidth-1:UsedLanes*DataWidth] = '0;
    assign slot[NumLanes*SlotIndexWidth-1:UsedLanes*SlotIndexWidth] = '0;
  end

  always_ff @(posedge clk_i) begin
    if (en[1]) begin
      keep_o <= keep;
      data_o <= data;
      slot_o <= slot;
      base_o <= base_q;
    end
  end

  `LAC_ASSERT(lanes_enough, !beat_valid_i || 32'($countones(keep_i)) <= 32'(NumLanes),
              "more non-zeros than lanes")
  `LAC_ASSERT(one_or_more, !beat_valid_i || keep_i != '0, "a beat of nothing")
  `LAC_ASSERT(held, !$past((beat_valid_o || end_valid_o) && !ready_i) || $stable
              ({keep_o, data_o, slot_o, base_o}), "a beat changed before it was taken")

  `LAC_ASSERT(out_from_0, !beat_valid_o || (keep_o[0] && (keep_o & (keep_o + NumLanes'(1))) == '0),
              "lanes with holes come out, or none")

endmodule
