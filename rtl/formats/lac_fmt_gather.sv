// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_gather: collects the items of lanes with holes into rows without holes.
//
// Purpose: the front of the encoders. A row goes out as soon as it holds RowItems items (and then
//   holds up to NumLanes - 1 more: rows are never split), or with flush.
// Example, 4 lanes, RowItems 4, keep and data of three beats:
//   0101 -b-a | 1100 dc-- | 0001 ---e flush    ->    - | row of 4: dcba | row of 1: e
//
// in_en_i takes a beat; there is no back pressure: what follows must have room for a row.
// out_valid_o, out_num_o and out_data_o are combinational from in_*; items behind out_num_o are 0.
// With flush the row goes out even if it is empty.
// Parameters:
//   ItemWidth  1..64
//   NumLanes   1..16
//   RowItems   NumLanes..256
// Model: none of its own (tests of the encoders). Source: common practice.

`include "lac_assert.svh"

module lac_fmt_gather #(
  parameter  int ItemWidth = 8,
  parameter  int NumLanes  = 4,
  parameter  int RowItems  = 8,
  localparam int MaxItems  = RowItems + NumLanes - 1,
  localparam int NumWidth  = $clog2(MaxItems + 1)
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          in_en_i,
  input  logic [          NumLanes-1:0] in_keep_i,
  input  logic [NumLanes*ItemWidth-1:0] in_data_i,
  input  logic                          in_flush_i,
  output logic                          out_valid_o,
  output logic [          NumWidth-1:0] out_num_o,
  output logic [MaxItems*ItemWidth-1:0] out_data_o
);

  `LAC_PARAM(lac_fmt_gather, ItemWidth, 1, 64)
  `LAC_PARAM(lac_fmt_gather, NumLanes, 1, 16)
  `LAC_PARAM(lac_fmt_gather, RowItems, NumLanes, 256)

  localparam int RowWidth = MaxItems * ItemWidth;

  logic [NumWidth-1:0] num_q;  // items that wait, fewer than RowItems
  logic [RowWidth-1:0] wait_q;  // not reset: items behind num_q are never looked at

  // Slot of each lane in the row, and the items in front of the lane.
  for (genvar l = 0; l < NumLanes; l++) begin : gen_lane
    logic [NumWidth-1:0] slot, next;
    if (l == 0) begin : gen_first
      assign slot = num_q;
    end else begin : gen_other
      assign slot = gen_lane[l-1].next;
    end
    assign next = slot + NumWidth'(in_keep_i[l]);
  end

  assign out_num_o = gen_lane[NumLanes-1].next;

  for (genvar s = 0; s < MaxItems; s++) begin : gen_slot
    for (genvar l = 0; l < NumLanes; l++) begin : gen_pick
      logic                 here;
      logic [ItemWidth-1:0] item;
      assign here = in_keep_i[l] && gen_lane[l].slot == NumWidth'(s);
      if (l == 0) begin : gen_first
        assign item = here ? in_data_i[0 +: ItemWidth]
                    : num_q > NumWidth'(s) ? wait_q[s*ItemWidth +: ItemWidth] : '0;
      end else begin : gen_other
        assign item = here ? in_data_i[l*ItemWidth+:ItemWidth] : gen_pick[l-1].item;
      end
    end
    assign out_data_o[s*ItemWidth+:ItemWidth] = gen_pick[NumLanes-1].item;
  end

  assign out_valid_o = in_en_i && (in_flush_i || out_num_o >= NumWidth'(RowItems));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) num_q <= '0;
    else if (in_en_i) num_q <= out_valid_o ? '0 : out_num_o;
  end

  always_ff @(posedge clk_i) begin
    if (in_en_i) wait_q <= out_data_o;
  end

  `LAC_ASSERT(num_range, num_q < NumWidth'(RowItems), "a whole row waits")
  `LAC_ASSERT(num_fits, out_num_o <= NumWidth'(MaxItems), "more items than places")

endmodule
