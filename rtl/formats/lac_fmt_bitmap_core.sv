// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_bitmap_core: steps of the bitmap format, between lac_fmt_bits and lac_fmt_out.
//
// Purpose: the bitmap decoder without its ends, so that the codebook decoder can use it too.
//
//   window --> values of the mask at work --> | first bits of the mask, values | --> positions of
//          \-> next mask behind them          | base of the mask               |     the bits, lanes
//
// The mask at work holds the bits whose values have not been taken. Its first bits go on as they
// are; their positions are found behind the register. When the mask is used up, the next one is
// taken from behind the values in the same step, so that masks cost no cycle of their own.
//
// body_i may be held low as long as something else is read in front of the masks. A step needs
// ready_i (of lac_fmt_out, combinational). tail_err_i: verdict of lac_fmt_bits (WindowWords = 2).
// Latency: 1 cycle from a step to its lanes. Throughput: see "Steps" in README.md, row "bitmap".
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
  localparam int NumMasks = (Elements + WordWidth - 1) / WordWidth;
  localparam int LastBits = Elements - (NumMasks - 1) * WordWidth;  // of the last mask, in the tile
  localparam int MaskWidth = $clog2(NumMasks + 1);
  localparam int OnesWidth = $clog2(WordWidth + 1);
  localparam int NumWidth = $clog2(NumLanes + 1);
  localparam int IndexWidth = $clog2(WordWidth);
  localparam int ValuesWidth = NumLanes * ValueWidth;
  // Lanes may be wider than the window: the upper ones then never come in one step.
  localparam int PadWidth = WordWidth + (ValuesWidth > WindowWidth ? ValuesWidth : WindowWidth);

  logic [DoneWidth-1:0] count_q, done_q;  // values of the tile by its header, values taken
  logic [WordWidth-1:0] mask_q;  // bits whose values are still to come
  logic [OnesWidth-1:0] left_q;  // their number
  logic [MaskWidth-1:0] masks_q;  // masks still to come
  logic [RowWidth-1:0] row_q, next_row_q, next_row;  // element 0 of this mask, of the next one
  logic [ColWidth-1:0] col_q, next_col_q, next_col;

  logic ready;
  logic [PadWidth-1:0] pad;
  assign pad = PadWidth'(bits_i);

  // Values of the mask at work.
  logic [NumLanes-1:0] there, zero;
  logic [ NumWidth-1:0] num_at [NumLanes+1];
  logic [DoneWidth-1:0] zero_at[NumLanes+1];
  logic [ NumWidth-1:0] num;
  assign num_at[0] = '0;
  assign zero_at[NumLanes] = '0;
  for (genvar l = 0; l < NumLanes; l++) begin : gen_value
    // No lane beyond what a window or a mask can hold.
    if ((l + 1) * ValueWidth <= WindowWidth && l < WordWidth) begin : gen_fits
      assign there[l] = left_q > OnesWidth'(l) && level_i >= LevelWidth'((l + 1) * ValueWidth);
    end else begin : gen_never
      assign there[l] = 1'b0;
    end
    assign zero[l] = there[l] && pad[l*ValueWidth+:ValueWidth] == '0;
    assign num_at[l+1] = there[l] ? NumWidth'(l + 1) : num_at[l];
    assign zero_at[l] = zero[l] ? DoneWidth'(l) : zero_at[l+1];
  end
  assign num = num_at[NumLanes];

  // The next mask.
  logic used_up, mask_there, past_tile, past_q, fresh_q;
  logic [DoneWidth-1:0] done_next, found;
  logic [ LevelWidth:0] values_bits;
  logic [WordWidth-1:0] mask_next;
  logic [OnesWidth-1:0] ones;
  assign used_up = OnesWidth'(num) == left_q;
  assign values_bits = (LevelWidth + 1)'(num) * (LevelWidth + 1)'(ValueWidth);
  assign mask_there = used_up && masks_q != '0 &&
                      (LevelWidth + 1)'(level_i) >= values_bits + (LevelWidth + 1)'(WordWidth);
  assign mask_next = WordWidth'(pad >> values_bits);  // what follows the values
  if (LastBits < WordWidth) begin : gen_past
    assign past_tile = masks_q == MaskWidth'(1) && mask_next[WordWidth-1:LastBits] != '0;
  end else begin : gen_whole
    assign past_tile = 1'b0;
  end
  assign ones = OnesWidth'($countones(mask_next));
  assign done_next = done_q + DoneWidth'(num);
  // A mask is judged in the step behind the one that takes it.
  assign found = done_q + DoneWidth'(left_q);

  // The step and its fault, in stream order.
  logic all_done, some, bad_head, bad_mask;
  logic [ErrWidth-1:0] fault;
  logic [PosWidth-1:0] fault_pos;
  assign all_done = masks_q == '0 && left_q == '0;
  assign some = num != '0 || mask_there;
  assign bad_mask = fresh_q && (past_q || found > count_q);
  assign bad_head = head_bad_i || head_count_i > PosWidth'(Elements);
  always_comb begin
    fault = ErrNone;
    fault_pos = PosWidth'(done_next);
    if (head_valid_i) begin
      fault_pos = '0;
      if (bad_head) fault = ErrHeader;
    end else if (bad_mask) begin
      fault = past_q ? ErrIndex : ErrCount;
      fault_pos = PosWidth'(done_q);
    end else if (all_done) begin
      fault = done_q != count_q ? ErrCount : tail_err_i;
    end else if (zero != '0) begin
      fault = ErrPlaceholder;
      fault_pos = PosWidth'(done_q + zero_at[0]);
    end else if (!some) begin
      fault = ErrShort;
    end
  end
  assign step_o = ready && (head_valid_i || (body_i && (all_done || some || bad_mask || last_i)));
  assign stop_o = fault != ErrNone || (all_done && !head_valid_i);
  assign take_o = all_done ? '0
                : LevelWidth'(values_bits) + (mask_there ? LevelWidth'(WordWidth) : '0);

  // Bits of the mask that go on with this step: the first num.
  logic [WordWidth-1:0] under, first;
  lac_first #(
    .Width(WordWidth)
  ) u_first (
    .in_i(mask_q),
    .num_i(OnesWidth'(num)),
    .under_o(under)
  );
  assign first = mask_q & under;

  lac_fmt_walk #(
    .Rows(TileRows),
    .Cols(TileCols),
    .MaxStep(WordWidth)
  ) u_next (
    .row_i (next_row_q),
    .col_i (next_col_q),
    .step_i(OnesWidth'(WordWidth)),
    .row_o (next_row),
    .col_o (next_col)
  );

  always_ff @(posedge clk_i) begin
    if (step_o) begin
      if (head_valid_i) begin
        count_q    <= DoneWidth'(head_count_i);  // at most Elements
        done_q     <= '0;
        mask_q     <= '0;
        left_q     <= '0;
        masks_q    <= MaskWidth'(NumMasks);
        next_row_q <= '0;
        next_col_q <= '0;
        fresh_q    <= 1'b0;
      end else begin
        done_q  <= done_next;
        fresh_q <= mask_there;
        past_q  <= past_tile;
        if (mask_there) begin
          mask_q     <= mask_next;
          left_q     <= ones;
          masks_q    <= masks_q - 1'b1;
          row_q      <= next_row_q;
          col_q      <= next_col_q;
          next_row_q <= next_row;
          next_col_q <= next_col;
        end else begin
          mask_q <= mask_q & ~first;
          left_q <= left_q - OnesWidth'(num);
        end
      end
    end
  end

  // Lanes: the slots are the bits of the mask, the values are in their lanes already.
  logic [NumLanes*IndexWidth-1:0] index;
  logic [RowWidth-1:0] base_row;
  logic [ColWidth-1:0] base_col;

  lac_fmt_lanes #(
    .NumSlots (WordWidth),
    .NumLanes (NumLanes),
    .DataWidth(1),
    .BaseWidth(RowWidth + ColWidth + ValuesWidth)
  ) u_lanes (
    .clk_i,
    .rst_ni,
    .ready_o(ready),
    .beat_valid_i(step_o && !stop_o && !head_valid_i && num != '0),
    .keep_i(first),
    .data_i({WordWidth{1'b0}}),
    .base_i({pad[ValuesWidth-1:0], row_q, col_q}),
    .end_valid_i(step_o && stop_o),
    .end_err_i(fault),
    .end_pos_i(fault_pos),
    .ready_i,
    .beat_valid_o,
    .keep_o(beat_keep_o),
    .data_o(),
    .slot_o(index),
    .base_o({beat_value_o, base_row, base_col}),
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

  `LAC_ASSERT(left_is_mask, !(step_o && !head_valid_i) || 32'(left_q) == 32'($countones(mask_q)),
              "not as many values to come as the mask has bits")
  `LAC_ASSERT(num_range, !(step_o && !head_valid_i) || OnesWidth'(num) <= left_q,
              "values past the mask")
  `LAC_ASSERT(masks_range, !(step_o && !head_valid_i) || masks_q <= MaskWidth'(NumMasks),
              "more masks than the tile has")

endmodule
