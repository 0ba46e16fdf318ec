// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_slots: what surrounds the slots of a decoder of several slots per step.
//
// Purpose: as lac_fmt_shell, for steps that take several slots with holes between them: window,
//   judgement of header and end, compaction, output stage.
//
//   in --> lac_fmt_bits --> bits, level --> decoder --> slots --> lac_fmt_lanes --> lanes
//                 ^                           | done, fault, there                    |
//                 +------ lac_fmt_step <------+                                       v
//                            end --> lac_fmt_lanes                decoder: coordinates of each lane
//                                                                 --> lac_fmt_out --> out
//
// Example, N:M: the decoder hands over value and position per slot and, as base, row and column of
//   slot 0; it gets back the same per lane with the number of the slot, and answers with
//   coordinates.
// done_i, fault_i, fault_pos_i, there_i, short_pos_i, start_o, go_o: see lac_fmt_step. slot_keep_i:
//   slots of this step that hold a non-zero, at most NumLanes. lane_*_i: combinational from lane_*_o.
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 4 cycles after the last step. Throughput: a step per cycle.
// DataWidth is per slot, BaseWidth per step, LineWidth that of what an eol is told by.
// Parameters:
//   WordWidth    32..256, 32, 64, 128 or 256
//   WindowWords  1..2
//   NumSlots     1..256
//   NumLanes     1..16
//   DataWidth    1..256
//   BaseWidth    1..256
//   ValueWidth   1..32
//   TileRows     1..4096
//   TileCols     1..4096
//   LineWidth    1..32
// Model: models/formats/base.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_slots
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth = 64,
  parameter int WindowWords = 1,
  parameter int NumSlots = 8,
  parameter int NumLanes = 4,
  parameter int DataWidth = 8,
  parameter int BaseWidth = 7,
  parameter int ValueWidth = 8,
  parameter int TileRows = 8,
  parameter int TileCols = 16,
  parameter int LineWidth = 3,
  localparam int WindowWidth = WindowWords * WordWidth,
  localparam int LevelWidth = $clog2(WindowWidth + 1),
  localparam int SlotIndexWidth = `LAC_INDEX_BITS(NumSlots),
  localparam int RowWidth = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic                               in_valid_i,
  output logic                               in_ready_o,
  input  logic [              WordWidth-1:0] in_data_i,
  input  logic                               in_last_i,
  output logic                               out_valid_o,
  input  logic                               out_ready_i,
  output logic [               NumLanes-1:0] out_keep_o,
  output logic [    NumLanes*ValueWidth-1:0] out_value_o,
  output logic [      NumLanes*RowWidth-1:0] out_row_o,
  output logic [      NumLanes*ColWidth-1:0] out_col_o,
  output logic [               NumLanes-1:0] out_eol_o,
  output logic                               out_last_o,
  output logic [               ErrWidth-1:0] out_err_o,
  output logic [               PosWidth-1:0] out_pos_o,
  // header
  output logic [               PosWidth-1:0] head_count_o,
  input  logic                               count_ok_i,
  output logic                               start_o,
  output logic [               PosWidth-1:0] count_o,
  // window
  output logic [            WindowWidth-1:0] bits_o,
  output logic [             LevelWidth-1:0] level_o,
  // step
  input  logic                               done_i,
  input  logic [               ErrWidth-1:0] fault_i,
  input  logic [               PosWidth-1:0] fault_pos_i,
  input  logic                               there_i,
  input  logic [               PosWidth-1:0] short_pos_i,
  input  logic [             LevelWidth-1:0] take_i,
  output logic                               go_o,
  input  logic [               NumSlots-1:0] slot_keep_i,
  input  logic [     NumSlots*DataWidth-1:0] slot_data_i,
  input  logic [              BaseWidth-1:0] slot_base_i,
  // the same, a cycle later, without holes
  output logic [     NumLanes*DataWidth-1:0] lane_data_o,
  output logic [NumLanes*SlotIndexWidth-1:0] lane_slot_o,
  output logic [              BaseWidth-1:0] lane_base_o,
  input  logic [    NumLanes*ValueWidth-1:0] lane_value_i,
  input  logic [      NumLanes*RowWidth-1:0] lane_row_i,
  input  logic [      NumLanes*ColWidth-1:0] lane_col_i,
  input  logic [     NumLanes*LineWidth-1:0] lane_line_i
);

  `LAC_PARAM_RULE(lac_fmt_slots, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_slots, WindowWords, 1, 2)
  `LAC_PARAM(lac_fmt_slots, NumSlots, 1, 256)
  `LAC_PARAM(lac_fmt_slots, NumLanes, 1, 16)
  `LAC_PARAM(lac_fmt_slots, DataWidth, 1, 256)
  `LAC_PARAM(lac_fmt_slots, BaseWidth, 1, 256)
  `LAC_PARAM(lac_fmt_slots, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_slots, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_slots, TileCols, 1, 4096)
  `LAC_PARAM(lac_fmt_slots, LineWidth, 1, 32)

  logic head_valid, head_bad, body, last, step, stop, lanes_ready, end_valid;
  logic [LevelWidth-1:0] take;
  logic [ErrWidth-1:0] tail_err, end_err;
  logic [PosWidth-1:0] end_pos;

  lac_fmt_bits #(
    .WordWidth  (WordWidth),
    .WindowWords(WindowWords)
  ) u_bits (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .in_last_i,
    .head_valid_o(head_valid),
    .head_count_o,
    .head_bad_o  (head_bad),
    .body_o      (body),
    .bits_o,
    .level_o,
    .last_o      (last),
    .tail_err_o  (tail_err),
    .step_i      (step),
    .take_i      (take),
    .stop_i      (stop)
  );

  lac_fmt_step #(
    .TakeWidth(LevelWidth)
  ) u_step (
    .clk_i,
    .head_valid_i(head_valid),
    .head_count_i(head_count_o),
    .head_bad_i  (head_bad),
    .body_i      (body),
    .last_i      (last),
    .tail_err_i  (tail_err),
    .step_o      (step),
    .take_o      (take),
    .stop_o      (stop),
    .count_ok_i,
    .done_i,
    .fault_i,
    .fault_pos_i,
    .there_i,
    .take_i,
    .short_pos_i,
    .start_o,
    .go_o,
    .count_o,
    .ready_i     (lanes_ready),
    .end_valid_o (end_valid),
    .end_err_o   (end_err),
    .end_pos_o   (end_pos)
  );

  logic out_stage_ready, beat_valid, last_valid;
  logic [NumLanes-1:0] beat_keep;
  logic [ErrWidth-1:0] last_err;
  logic [PosWidth-1:0] last_pos;

  lac_fmt_lanes #(
    .NumSlots (NumSlots),
    .NumLanes (NumLanes),
    .DataWidth(DataWidth),
    .BaseWidth(BaseWidth)
  ) u_lanes (
    .clk_i,
    .rst_ni,
    .ready_o     (lanes_ready),
    .beat_valid_i(go_o && slot_keep_i != '0),
    .keep_i      (slot_keep_i),
    .data_i      (slot_data_i),
    .base_i      (slot_base_i),
    .end_valid_i (end_valid),
    .end_err_i   (end_err),
    .end_pos_i   (end_pos),
    .ready_i     (out_stage_ready),
    .beat_valid_o(beat_valid),
    .keep_o      (beat_keep),
    .data_o      (lane_data_o),
    .slot_o      (lane_slot_o),
    .base_o      (lane_base_o),
    .end_valid_o (last_valid),
    .end_err_o   (last_err),
    .end_pos_o   (last_pos)
  );

  lac_fmt_out #(
    .NumLanes  (NumLanes),
    .ValueWidth(ValueWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols),
    .LineWidth (LineWidth)
  ) u_out (
    .clk_i,
    .rst_ni,
    .ready_o     (out_stage_ready),
    .beat_valid_i(beat_valid),
    .beat_keep_i (beat_keep),
    .beat_value_i(lane_value_i),
    .beat_row_i  (lane_row_i),
    .beat_col_i  (lane_col_i),
    .beat_line_i (lane_line_i),
    .end_valid_i (last_valid),
    .end_err_i   (last_err),
    .end_pos_i   (last_pos),
    .out_valid_o,
    .out_ready_i,
    .out_keep_o,
    .out_value_o,
    .out_row_o,
    .out_col_o,
    .out_eol_o,
    .out_last_o,
    .out_err_o,
    .out_pos_o
  );

  for (genvar l = 0; l < NumLanes; l++) begin : gen_value
    `LAC_ASSERT(lane_not_zero,
                !(beat_valid && beat_keep[l]) || lane_value_i[l*ValueWidth+:ValueWidth] != '0,
                "a lane of a zero")
  end

endmodule
