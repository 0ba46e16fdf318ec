// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_admit: which blocks of weights concern this PE.
//
// Purpose: takes every row of vectors that is broadcast, looks up how many activations the PE has
//   for the channel of each vector, and hands on what there is work for: vectors to the weight
//   FIFO, a descriptor for each whole block to the activation reader. Channels without activations
//   cost no cycle.
// Example, F 4, I 4, counts of the window 0 3 0 9 ..., base 20: a row with vectors of channels 1
//   (last) and 2 (last) -> one vector, one descriptor {ROW, base 20, count 3}; a row with channel 3
//   (last) -> {ROW, base 21, count 9}, as channel 1 has one row of activations.
//
//   row --> stage register ---------------------> select, close the holes --> vec_*
//     '---> count memory (outside, 1 cycle) ----> rows before the channel --> desc_*
//
// A row is {window, RowVectors vectors}, the lowest first; a vector {valid, end, last, n[4:0], sub[2:0], F
// lanes}, a lane {k, off, value[15:0]}; the channel is window * 8 + sub. A vector goes on if it is
// valid, has weights, is no end of a group and its channel has activations. Descriptors come with
// the last vector of a block: ROW, END (end of a group), NULL (nothing to do, with empty_step_i) or
// none. What goes on has no holes and the lowest first: a vector {last, n, F x not zero, F lanes},
// a descriptor {kind, first row, count}.
// Streams: row_take_i takes row_i in that cycle, and may be high only with row_ready_o, which comes
// from registers: both queues have room for the row in the stage and for another. vec_*, desc_* are
// always taken. clr_i: the row in the stage is dropped.
// Latency 1 cycle to vec_valid_o and desc_valid_o. Throughput 1 row per cycle.
// Parameters:
//   F           2..16, a power of two
//   I           2..16, a power of two, F*I at most 256
//   KWidth      2..6
//   LinWidth    2..16
//   RowVectors  I > 2 ? 4 : 2..8, a power of two
//   WgtFifo     2 * RowVectors..256, a multiple of RowVectors
//   IaramRows   8..65536
//   CountWidth  4..12
//   MaxC        8..4096, a multiple of 8
// Model: tb/scnn/blocks/reference.py. Source: SCNN (ISCA 2017), section IV.

`include "lac_assert.svh"

module lac_scnn_admit #(
  parameter  int F          = 4,
  parameter  int I          = 4,
  parameter  int KWidth     = 6,
  parameter  int LinWidth   = 8,
  parameter  int RowVectors = 8,
  parameter  int WgtFifo    = 64,
  parameter  int IaramRows  = 1024,
  parameter  int CountWidth = 8,
  parameter  int MaxC       = 1024,
  localparam int WinWidth   = `LAC_INDEX_BITS(MaxC / 8),
  localparam int LanesWidth = F * (KWidth + LinWidth + 16),
  localparam int InWidth    = 11 + LanesWidth,
  localparam int RowWidth   = WinWidth + RowVectors * InWidth,
  localparam int NumWidth   = $clog2(F + 1),
  localparam int VecWidth   = 1 + NumWidth + F + LanesWidth,
  localparam int AddrWidth  = `LAC_INDEX_BITS(IaramRows),
  localparam int DescWidth  = 2 + AddrWidth + CountWidth,
  localparam int LevelWidth = $clog2(WgtFifo + 1)
) (
  input  logic                              clk_i,
  input  logic                              rst_ni,
  input  logic                              clr_i,
  input  logic                              empty_step_i,
  // broadcast
  input  logic                              row_take_i,
  input  logic [              RowWidth-1:0] row_i,
  output logic                              row_ready_o,
  // count memory: {first row of channel 0 of the window, 8 counts}
  output logic                              cnt_rd_en_o,
  output logic [              WinWidth-1:0] cnt_addr_o,
  input  logic [AddrWidth+8*CountWidth-1:0] cnt_data_i,
  // weight FIFO
  input  logic [            LevelWidth-1:0] vec_level_i,
  input  logic [            LevelWidth-1:0] desc_level_i,
  output logic [            RowVectors-1:0] vec_valid_o,
  output logic [   RowVectors*VecWidth-1:0] vec_o,
  output logic [            RowVectors-1:0] desc_valid_o,
  output logic [  RowVectors*DescWidth-1:0] desc_o,
  // events
  output logic [                       3:0] ev_skip_o
);

  `LAC_PARAM_RULE(lac_scnn_admit, F, 2, 16, (F & (F - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_admit, I, 2, 16, (I & (I - 1)) == 0 && F * I <= 256,
                  "a power of two, F*I at most 256")
  `LAC_PARAM(lac_scnn_admit, KWidth, 2, 6)
  `LAC_PARAM(lac_scnn_admit, LinWidth, 2, 16)
  `LAC_PARAM_RULE(lac_scnn_admit, RowVectors, I > 2 ? 4 : 2, 8,
                  (RowVectors & (RowVectors - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_admit, WgtFifo, 2 * RowVectors, 256, WgtFifo % RowVectors == 0,
                  "a multiple of RowVectors")
  `LAC_PARAM(lac_scnn_admit, IaramRows, 8, 65536)
  `LAC_PARAM(lac_scnn_admit, CountWidth, 4, 12)
  `LAC_PARAM_RULE(lac_scnn_admit, MaxC, 8, 4096, MaxC % 8 == 0, "a multiple of 8")

  localparam logic [1:0] KindRow = 2'd0;
  localparam logic [1:0] KindNull = 2'd1;
  localparam logic [1:0] KindEnd = 2'd2;

  localparam int LogI = $clog2(I);
  localparam int LaneWidth = KWidth + LinWidth + 16;
  localparam logic [LevelWidth-1:0] RoomOne = LevelWidth'(WgtFifo - RowVectors);
  localparam logic [LevelWidth-1:0] RoomTwo = LevelWidth'(WgtFifo - 2 * RowVectors);

  logic stage_valid_q;
  logic [RowVectors*InWidth-1:0] stage_q;
  logic [LevelWidth-1:0] most;
  logic [RowVectors-1:0] keep, emit, skip;
  logic [RowVectors*VecWidth-1:0] loose_vec;
  logic [RowVectors*DescWidth-1:0] loose_desc;
  logic [8*CountWidth-1:0] counts;
  logic [AddrWidth-1:0] first;
  logic [7:0] live;  // channels of the window with activations

  assign cnt_rd_en_o = row_take_i;
  assign cnt_addr_o  = row_i[RowVectors*InWidth+:WinWidth];
  assign most        = stage_valid_q ? RoomTwo : RoomOne;
  assign row_ready_o = vec_level_i <= most && desc_level_i <= most;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) stage_valid_q <= 1'b0;
    else if (clr_i) stage_valid_q <= 1'b0;
    else stage_valid_q <= row_take_i;
  end

  always_ff @(posedge clk_i) if (row_take_i) stage_q <= row_i[RowVectors*InWidth-1:0];

  assign counts = cnt_data_i[8*CountWidth-1:0];
  assign first  = cnt_data_i[8*CountWidth+:AddrWidth];

  for (genvar j = 0; j < 8; j++) begin : gen_live
    assign live[j] = counts[j*CountWidth+:CountWidth] != '0;
  end

  // First row of activations of each channel of the window: sums over those before it, in as many
  // steps as doublings.
  for (genvar d = 0; d < 4; d++) begin : gen_sums
    logic [8*AddrWidth-1:0] rows;
    for (genvar j = 0; j < 8; j++) begin : gen_channel
      if (d == 0 && j == 0) begin : gen_first
        assign rows[0+:AddrWidth] = first;
      end else if (d == 0) begin : gen_before
        logic [CountWidth-1:0] one;
        assign one = counts[(j-1)*CountWidth+:CountWidth];
        assign rows[j*AddrWidth+:AddrWidth] = AddrWidth'(one >> LogI) + AddrWidth'(|one[LogI-1:0]);
      end else if (j < 2 ** (d - 1)) begin : gen_same
        assign rows[j*AddrWidth+:AddrWidth] = gen_sums[d-1].rows[j*AddrWidth+:AddrWidth];
      end else begin : gen_add
        assign rows[j*AddrWidth+:AddrWidth] = gen_sums[d-1].rows[j*AddrWidth+:AddrWidth]
            + gen_sums[d-1].rows[(j-2**(d-1))*AddrWidth+:AddrWidth];
      end
    end
  end
  logic [8*AddrWidth-1:0] first_of;
  assign first_of = gen_sums[3].rows;

  for (genvar v = 0; v < RowVectors; v++) begin : gen_vec
    logic [InWidth-1:0] vec;
    logic [LanesWidth-1:0] lanes;
    logic valid, is_end, last, nonempty;
    logic [4:0] n;
    logic [2:0] sub;
    logic [F-1:0] nz;
    logic [CountWidth-1:0] count;
    logic [AddrWidth-1:0] row;
    logic [1:0] kind;

    assign vec = stage_q[v*InWidth+:InWidth];
    assign {valid, is_end, last, n, sub, lanes} = vec;
    assign count = counts[sub*CountWidth+:CountWidth];
    assign row = first_of[sub*AddrWidth+:AddrWidth];
    assign nonempty = live[sub] && n != '0 && !is_end;
    assign keep[v] = stage_valid_q & valid & nonempty;
    assign skip[v] = stage_valid_q & valid & last & ~is_end & ~nonempty;
    assign emit[v] = stage_valid_q & valid & last & (is_end | nonempty | empty_step_i);
    assign kind = is_end ? KindEnd : nonempty ? KindRow : KindNull;
    for (genvar j = 0; j < F; j++) begin : gen_nz
      assign nz[j] = n > 5'(j) && lanes[j*LaneWidth+:16] != '0;
    end
    assign loose_vec[v*VecWidth+:VecWidth] = {last, NumWidth'(n), nz, lanes};
    assign loose_desc[v*DescWidth+:DescWidth] = {kind, row, count};
    `LAC_ASSERT(few_weights, !keep[v] || n <= 5'(F), "more weights than a vector has lanes")
  end

  lac_compact #(
    .NumIn (RowVectors),
    .NumOut(RowVectors),
    .Width (VecWidth)
  ) u_vec (
    .keep_i (keep),
    .data_i (loose_vec),
    .keep_o (vec_valid_o),
    .data_o (vec_o),
    .index_o()
  );

  lac_compact #(
    .NumIn (RowVectors),
    .NumOut(RowVectors),
    .Width (DescWidth)
  ) u_desc (
    .keep_i (emit),
    .data_i (loose_desc),
    .keep_o (desc_valid_o),
    .data_o (desc_o),
    .index_o()
  );

  assign ev_skip_o = 4'($countones(skip));

  `LAC_ASSERT(levels, vec_level_i <= LevelWidth'(WgtFifo) && desc_level_i <= LevelWidth'(WgtFifo),
              "a level above the depth")
  `LAC_ASSERT(room, !row_take_i || row_ready_o, "a row without room")
  `LAC_ASSERT(vec_tight, ((vec_valid_o + RowVectors'(1)) & vec_valid_o) == '0,
              "a hole in the vectors")
  `LAC_ASSERT(desc_tight, ((desc_valid_o + RowVectors'(1)) & desc_valid_o) == '0,
              "a hole in the descriptors")
  `LAC_COVER(cover_all, vec_valid_o == '1)
  `LAC_COVER(cover_hole, keep[0] && !keep[1] && keep[RowVectors-1])
  `LAC_COVER(cover_null, emit[0] && skip[0])
  `LAC_COVER(cover_no_room, !row_ready_o)

endmodule
