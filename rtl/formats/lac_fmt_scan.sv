// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_scan: the step of a format that is a row of slots of equal width.
//
// Purpose: which slots of the window a step takes: the whole slots that have come, up to and
//   including the NumLanes-th whose value is not 0.
// Example, 4 slots, 2 lanes, room for 4, values 5 0 6 7, all there
//   -> taken 0111 (slots 0..2), kept 0101, num 3; the 7 is left to the next step.
//
// Combinational. room_i: slots that belong to what is being read (more than NumSlots: NumSlots).
// taken_o: slots of this step, from slot 0 without holes, num_o of them (0: none has come whole);
// kept_o: those of them that are not 0; take_o: the bits of the step.
// Parameters:
//   NumSlots    1..256
//   SlotWidth   1..64
//   NumLanes    1..16
//   LevelWidth  $clog2(NumSlots * SlotWidth + 1)..16
// Model: `steps` in models/formats. Source: common practice.

`include "lac_assert.svh"

module lac_fmt_scan #(
  parameter  int NumSlots   = 8,
  parameter  int SlotWidth  = 8,
  parameter  int NumLanes   = 4,
  parameter  int LevelWidth = 7,
  localparam int NumWidth   = $clog2(NumSlots + 1)
) (
  input  logic [  NumSlots-1:0] full_i,   // slots whose value is not 0
  input  logic [LevelWidth-1:0] level_i,  // bits that have come
  input  logic [  NumWidth-1:0] room_i,
  output logic [  NumSlots-1:0] taken_o,
  output logic [  NumSlots-1:0] kept_o,
  output logic [  NumWidth-1:0] num_o,
  output logic [LevelWidth-1:0] take_o
);

  `LAC_PARAM(lac_fmt_scan, NumSlots, 1, 256)
  `LAC_PARAM(lac_fmt_scan, SlotWidth, 1, 64)
  `LAC_PARAM(lac_fmt_scan, NumLanes, 1, 16)
  `LAC_PARAM(lac_fmt_scan, LevelWidth, $clog2(NumSlots * SlotWidth + 1), 16)

  logic [NumSlots-1:0] there;
  for (genvar i = 0; i < NumSlots; i++) begin : gen_slot
    assign there[i] = level_i >= LevelWidth'((i + 1) * SlotWidth) && room_i > NumWidth'(i);
  end

  if (NumLanes >= NumSlots) begin : gen_all
    assign taken_o = there;
  end else begin : gen_some
    logic [NumSlots-1:0] under;
    lac_first #(
      .Width(NumSlots)
    ) u_first (
      .in_i(full_i),
      .num_i(NumWidth'(NumLanes)),
      .under_o(under)
    );
    assign taken_o = there & under;
  end
  assign kept_o = taken_o & full_i;

  // The last slot taken tells how many.
  logic [NumSlots-1:0] final_slot;
  logic [NumWidth-1:0] num[NumSlots+1];
  logic [LevelWidth-1:0] take[NumSlots+1];
  assign final_slot = taken_o & ~(taken_o >> 1);
  assign num[0] = '0;
  assign take[0] = '0;
  for (genvar i = 0; i < NumSlots; i++) begin : gen_num
    assign num[i+1]  = num[i] | (final_slot[i] ? NumWidth'(i + 1) : '0);
    assign take[i+1] = take[i] | (final_slot[i] ? LevelWidth'((i + 1) * SlotWidth) : '0);
  end
  assign num_o  = num[NumSlots];
  assign take_o = take[NumSlots];

endmodule
