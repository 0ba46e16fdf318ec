// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_dense_core: steps of the dense format, between lac_fmt_bits and lac_fmt_out.
//
// Purpose: the dense decoder without its ends, so that the codebook decoder can use it too.
//   Drops zeros, gives the others their coordinates.
//
//   window --> scan --> | slots, row and column of slot 0 | --> compaction, coordinates --> lanes
//
// body_i may be held low as long as something else is read in front of the values. A step needs
// ready_i (of lac_fmt_out, combinational). tail_err_i: verdict of lac_fmt_bits.
// Latency: 2 cycles from a step to its lanes. Throughput: see "Steps" in README.md, row "slots".
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1..16, 1, 4 or 16
// Model: models/formats/dense.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_dense_core
  import lac_fmt_pkg::*;
#(
  parameter  int WordWidth  = 64,
  parameter  int ValueWidth = 8,
  parameter  int TileRows   = 16,
  parameter  int TileCols   = 16,
  parameter  int NumLanes   = 4,
  localparam int LevelWidth = $clog2(WordWidth + 1),
  localparam int RowWidth   = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth   = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  // window
  input  logic                           head_valid_i,
  input  logic [           PosWidth-1:0] head_count_i,
  input  logic                           head_bad_i,
  input  logic                           body_i,
  input  logic [          WordWidth-1:0] bits_i,
  input  logic [         LevelWidth-1:0] level_i,
  input  logic                           last_i,
  input  logic [           ErrWidth-1:0] tail_err_i,
  output logic                           step_o,
  output logic [         LevelWidth-1:0] take_o,
  output logic                           stop_o,
  // lanes
  input  logic                           ready_i,
  output logic                           beat_valid_o,
  output logic [           NumLanes-1:0] beat_keep_o,
  output logic [NumLanes*ValueWidth-1:0] beat_value_o,
  output logic [  NumLanes*RowWidth-1:0] beat_row_o,
  output logic [  NumLanes*ColWidth-1:0] beat_col_o,
  output logic                           end_valid_o,
  output logic [           ErrWidth-1:0] end_err_o,
  output logic [           PosWidth-1:0] end_pos_o
);

  `LAC_PARAM_RULE(lac_fmt_dense_core, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_dense_core, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_dense_core, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_dense_core, TileCols, 1, 4096)
  `LAC_PARAM_RULE(lac_fmt_dense_core, NumLanes, 1, 16,
                  NumLanes == 1 || NumLanes == 4 || NumLanes == 16, "1, 4 or 16")

  localparam int NumSlots = WordWidth / ValueWidth;
  localparam int SlotsWidth = NumSlots * ValueWidth;
  localparam int NumWidth = $clog2(NumSlots + 1);
  localparam int SlotIndexWidth = `LAC_INDEX_BITS(NumSlots);
  localparam int StepWidth = $clog2(NumSlots + 1);
  localparam int Total = TileRows * TileCols;
  localparam int DoneWidth = $clog2(Total + 1);

  logic [DoneWidth-1:0] done_q, left_q;  // slots done and to do
  logic [RowWidth-1:0] row_q, row_d;
  logic [ColWidth-1:0] col_q, col_d;

  // The step.
  logic ready, start, go, end_valid;
  logic [ErrWidth-1:0] end_err;
  logic [PosWidth-1:0] end_pos;
  logic [NumWidth-1:0] room, num;
  logic [LevelWidth-1:0] slots_take;
  logic [NumSlots-1:0] full, kept;
  logic [SlotsWidth-1:0] slots;

  assign room  = 32'(left_q) > NumSlots ? NumWidth'(NumSlots) : NumWidth'(left_q);

  // The rest of the window holds no whole slot.
  assign slots = SlotsWidth'(bits_i);
  for (genvar i = 0; i < NumSlots; i++) begin : gen_full
    assign full[i] = slots[i*ValueWidth+:ValueWidth] != '0;
  end

  lac_fmt_scan #(
    .NumSlots  (NumSlots),
    .SlotWidth (ValueWidth),
    .NumLanes  (NumLanes),
    .LevelWidth(LevelWidth)
  ) u_scan (
    .full_i (full),
    .level_i,
    .room_i (room),
    .taken_o(),
    .kept_o (kept),
    .num_o  (num),
    .take_o (slots_take)
  );

  logic [ErrWidth-1:0] no_fault;  // but those of all formats
  assign no_fault = ErrNone;
  lac_fmt_step #(
    .TakeWidth(LevelWidth)
  ) u_step (
    .clk_i,
    .head_valid_i,
    .head_count_i,
    .head_bad_i,
    .body_i,
    .last_i,
    .tail_err_i,
    .step_o,
    .take_o,
    .stop_o,
    .count_ok_i (head_count_i == PosWidth'(Total)),
    .done_i     (left_q == '0),
    .fault_i    (no_fault),
    .fault_pos_i(PosWidth'(0)),
    .there_i    (num != '0),
    .take_i     (slots_take),
    .short_pos_i(PosWidth'(done_q)),
    .start_o    (start),
    .go_o       (go),
    .count_o    (),
    .ready_i    (ready),
    .end_valid_o(end_valid),
    .end_err_o  (end_err),
    .end_pos_o  (end_pos)
  );

  lac_fmt_walk #(
    .Rows(TileRows),
    .Cols(TileCols),
    .MaxStep(NumSlots)
  ) u_next (
    .row_i (row_q),
    .col_i (col_q),
    .step_i(num),
    .row_o (row_d),
    .col_o (col_d)
  );

  always_ff @(posedge clk_i) begin
    if (start) begin
      done_q <= '0;
      left_q <= DoneWidth'(Total);
      row_q  <= '0;
      col_q  <= '0;
    end else if (go) begin
      done_q <= done_q + DoneWidth'(num);
      left_q <= left_q - DoneWidth'(num);
      row_q  <= row_d;
      col_q  <= col_d;
    end
  end

  // Lanes.
  logic [NumLanes*SlotIndexWidth-1:0] slot;
  logic [RowWidth-1:0] base_row;
  logic [ColWidth-1:0] base_col;

  lac_fmt_lanes #(
    .NumSlots (NumSlots),
    .NumLanes (NumLanes),
    .DataWidth(ValueWidth),
    .BaseWidth(RowWidth + ColWidth)
  ) u_lanes (
    .clk_i,
    .rst_ni,
    .ready_o(ready),
    .beat_valid_i(go && kept != '0),
    .keep_i(kept),
    .data_i(slots),
    .base_i({row_q, col_q}),
    .end_valid_i(end_valid),
    .end_err_i(end_err),
    .end_pos_i(end_pos),
    .ready_i,
    .beat_valid_o,
    .keep_o(beat_keep_o),
    .data_o(beat_value_o),
    .slot_o(slot),
    .base_o({base_row, base_col}),
    .end_valid_o,
    .end_err_o,
    .end_pos_o
  );

  for (genvar l = 0; l < NumLanes; l++) begin : gen_lane
    lac_fmt_walk #(
      .Rows(TileRows),
      .Cols(TileCols),
      .MaxStep(NumSlots)
    ) u_walk (
      .row_i (base_row),
      .col_i (base_col),
      .step_i(StepWidth'(slot[l*SlotIndexWidth+:SlotIndexWidth])),
      .row_o (beat_row_o[l*RowWidth+:RowWidth]),
      .col_o (beat_col_o[l*ColWidth+:ColWidth])
    );
  end

  `LAC_ASSERT(left_range, !go || 32'(num) <= 32'(left_q), "elements past the tile")
  `LAC_ASSERT(all_known, !go || 32'(done_q) + 32'(left_q) == 32'(Total), "elements are lost")

endmodule
