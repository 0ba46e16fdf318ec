// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_bitmap_core: steps of the bitmap format, between lac_fmt_bits and lac_fmt_out.
//
// Purpose: the bitmap decoder without its ends, so that the codebook decoder can use it too.
//
//   window --> values of the mask at work ------------------+--> lac_fmt_ones: positions, lanes
//          \-> lac_fmt_masks: mask, ones left, next mask ---+
//
// The mask at work stays as it is; how many of its ones have had their values says which are next.
// When the mask is used up, the next one is taken from behind the values in the same step, so that
// masks cost no cycle of their own.
//
// body_i may be held low as long as something else is read in front of the masks. A step needs
// ready_i (of lac_fmt_out, combinational). tail_err_i: verdict of lac_fmt_bits (WindowWords = 2).
// Latency: 2 cycles from a step to its lanes. Throughput: see "Steps" in README.md, row "bitmap".
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1..16, 1, 4 or 16
// Model: models/formats/bitmap.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_bitmap_core
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth = 64,
  parameter int ValueWidth = 8,
  parameter int TileRows = 16,
  parameter int TileCols = 16,
  parameter int NumLanes = 4,
  localparam int WindowWidth = 2 * WordWidth,
  localparam int LevelWidth = $clog2(WindowWidth + 1),
  localparam int RowWidth = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  // window
  input  logic                           head_valid_i,
  input  logic [           PosWidth-1:0] head_count_i,
  input  logic                           head_bad_i,
  input  logic                           body_i,
  input  logic [        WindowWidth-1:0] bits_i,
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

  `LAC_PARAM_RULE(lac_fmt_bitmap_core, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_bitmap_core, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_bitmap_core, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_bitmap_core, TileCols, 1, 4096)
  `LAC_PARAM_RULE(lac_fmt_bitmap_core, NumLanes, 1, 16,
                  NumLanes == 1 || NumLanes == 4 || NumLanes == 16, "1, 4 or 16")

  localparam int Elements = TileRows * TileCols;
  localparam int DoneWidth = $clog2(Elements + WordWidth + 1);
  localparam int OnesWidth = $clog2(WordWidth + 1);
  localparam int IndexWidth = $clog2(WordWidth);
  localparam int ValuesWidth = NumLanes * ValueWidth;
  // Lanes may be wider than the window: the upper ones then never come in one step.
  localparam int PadWidth = ValuesWidth > WindowWidth ? ValuesWidth : WindowWidth;

  logic start, go, done, load;
  logic [DoneWidth-1:0] done_q;  // values taken
  logic [WordWidth-1:0] mask;  // at work
  logic [OnesWidth-1:0] left, used_q;  // its values still to come, and taken
  logic [RowWidth-1:0] row;  // of element 0 of this mask
  logic [ColWidth-1:0] col;
  logic [PadWidth-1:0] pad;
  assign pad = PadWidth'(bits_i);
  logic unused_pad;  // behind the lanes
  assign unused_pad = ^pad;

  // Values of the mask at work.
  logic [NumLanes-1:0] there, zero;
  logic [NumLanes:0]
      number, used_up;  // values of the step, one-hot; whether so many are all of the mask's
  logic [OnesWidth-1:0] num_at[NumLanes+2], num;
  logic [DoneWidth-1:0] zero_at[NumLanes+1];
  assign number = {there, 1'b1} & ~{1'b0, there};
  assign num_at[0] = '0;
  assign zero_at[NumLanes] = '0;
  for (genvar l = 0; l < NumLanes; l++) begin : gen_value
    // No lane beyond what a window or a mask can hold.
    if ((l + 1) * ValueWidth <= WindowWidth && l < WordWidth) begin : gen_fits
      assign there[l] = left > OnesWidth'(l) && level_i >= LevelWidth'((l + 1) * ValueWidth);
    end else begin : gen_never
      assign there[l] = 1'b0;
    end
    assign zero[l] = there[l] && pad[l*ValueWidth+:ValueWidth] == '0;
    assign zero_at[l] = zero[l] ? DoneWidth'(l) : zero_at[l+1];
  end
  for (genvar k = 0; k <= NumLanes; k++) begin : gen_number
    assign num_at[k+1] = num_at[k] | (number[k] ? OnesWidth'(k) : '0);
    assign used_up[k]  = number[k] && left == OnesWidth'(k);
  end
  assign num = num_at[NumLanes+1];

  logic [LevelWidth-1:0] take;
  logic [ErrWidth-1:0] mask_fault, fault, end_err;
  logic [DoneWidth-1:0] fault_at;
  logic [ PosWidth-1:0] end_pos;
  logic ready, end_valid;

  lac_fmt_masks #(
    .WordWidth (WordWidth),
    .ValueWidth(ValueWidth),
    .NumSlots  (NumLanes),
    .Rows      (TileRows),
    .Cols      (TileCols)
  ) u_masks (
    .clk_i,
    .rst_ni,
    .start_i  (start),
    .count_i  (head_count_i),
    .step_i   (go),
    .bits_i,
    .level_i,
    .taken_i  (there),
    .used_i   (num),
    .used_up_i(used_up),
    .rest_i   (mask),
    .load_o   (load),
    .take_o   (take),
    .mask_o   (mask),
    .left_o   (left),
    .row_o    (row),
    .col_o    (col),
    .done_o   (done),
    .fault_o  (mask_fault)
  );

  assign take_o = ready ? take : '0;
  assign fault = mask_fault != ErrNone ? mask_fault : zero != '0 ? ErrPlaceholder : ErrNone;
  // Of several zeros the first; a mask comes before its values.
  assign fault_at = mask_fault != ErrNone ? done_q : done_q + zero_at[0];

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
    .take_o     (),
    .stop_o,
    .count_ok_i (head_count_i <= PosWidth'(Elements)),
    .done_i     (done),
    .fault_i    (fault),
    .fault_pos_i(PosWidth'(fault_at)),
    .there_i    (there[0] || load),
    .take_i     (take),
    .short_pos_i(PosWidth'(done_q)),
    .start_o    (start),
    .go_o       (go),
    .count_o    (),
    .ready_i    (ready),
    .end_valid_o(end_valid),
    .end_err_o  (end_err),
    .end_pos_o  (end_pos)
  );

  always_ff @(posedge clk_i) begin
    if (start) done_q <= '0;
    else if (go) done_q <= done_q + DoneWidth'(num);
    if (go) used_q <= load ? '0 : used_q + num;
  end

  // Lanes: the values are in theirs already.
  logic [NumLanes*IndexWidth-1:0] index;
  logic [RowWidth-1:0] base_row;
  logic [ColWidth-1:0] base_col;

  lac_fmt_ones #(
    .NumSlots (WordWidth),
    .NumLanes (NumLanes),
    .BaseWidth(RowWidth + ColWidth + ValuesWidth)
  ) u_ones (
    .clk_i,
    .rst_ni,
    .ready_o     (ready),
    .beat_valid_i(go && there[0]),
    .keep_i      (there),
    .mask_i      (mask),
    .used_i      (used_q),
    .base_i      ({pad[ValuesWidth-1:0], row, col}),
    .end_valid_i (end_valid),
    .end_err_i   (end_err),
    .end_pos_i   (end_pos),
    .ready_i,
    .beat_valid_o,
    .keep_o      (beat_keep_o),
    .slot_o      (index),
    .base_o      ({beat_value_o, base_row, base_col}),
    .end_valid_o,
    .end_err_o,
    .end_pos_o
  );

  for (genvar l = 0; l < NumLanes; l++) begin : gen_lane
    lac_fmt_walk #(
      .Rows(TileRows),
      .Cols(TileCols),
      .MaxStep(WordWidth)
    ) u_walk (
      .row_i (base_row),
      .col_i (base_col),
      .step_i(OnesWidth'(index[l*IndexWidth+:IndexWidth])),
      .row_o (beat_row_o[l*RowWidth+:RowWidth]),
      .col_o (beat_col_o[l*ColWidth+:ColWidth])
    );
  end

endmodule
