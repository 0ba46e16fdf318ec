// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_masks: the masks of a tile, for the bitmap and the block bitmap decoder.
//
// Purpose: holds the mask at work, takes the next one from behind the values in the step that uses
//   it up, and judges the masks: none past the tile, as many ones as the header says.
// Example, WordWidth 32, 4 values of 8 bits at most, a step that takes the last 2 values of a mask:
//   with 48 or more bits in the window the next mask is bits_i[47:16], load_o, take_o 48.
//
//   window --> a mask behind each number of values --> choice --+--> | mask |
//   taken_i --> number of values -----------------------^       +--> count ones --> | left |
//
// The decoder says with each step: taken_i (values of the step, from slot 0 without holes, whose
//   bits have come), used_i (ones of the mask that are used up by it), used_up_i (by number of
//   values, from registers alone: a step of so many leaves no one), rest_i (the mask behind this
//   step, if it does not load_o another one). start_i comes
//   with the header's step, step_i with every other.
// done_o: no mask and no one is left, and the ones were as many as count_i. fault_o: ErrIndex,
//   ErrCount; a mask is judged in the step behind the one that takes it.
// Combinational from registers, window and taken_i; fault_o, done_o and mask_o from registers.
// Throughput: masks cost no step of their own.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   NumSlots    1..256
//   Rows        1..4096
//   Cols        1..4096
// Model: models/formats/bitmap.py, blockmap.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_masks
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth = 64,
  parameter int ValueWidth = 8,
  parameter int NumSlots = 4,
  parameter int Rows = 16,
  parameter int Cols = 16,
  localparam int WindowWidth = 2 * WordWidth,
  localparam int LevelWidth = $clog2(WindowWidth + 1),
  localparam int OnesWidth = $clog2(WordWidth + 1),
  localparam int RowWidth = `LAC_INDEX_BITS(Rows),
  localparam int ColWidth = `LAC_INDEX_BITS(Cols)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   start_i,
  input  logic [   PosWidth-1:0] count_i,    // ones by the header, with start_i
  input  logic                   step_i,
  // window
  input  logic [WindowWidth-1:0] bits_i,
  input  logic [ LevelWidth-1:0] level_i,
  // step
  input  logic [   NumSlots-1:0] taken_i,
  input  logic [  OnesWidth-1:0] used_i,
  input  logic [     NumSlots:0] used_up_i,
  input  logic [  WordWidth-1:0] rest_i,
  output logic                   load_o,
  output logic [ LevelWidth-1:0] take_o,     // bits of the step
  // mask at work
  output logic [  WordWidth-1:0] mask_o,
  output logic [  OnesWidth-1:0] left_o,     // its ones
  output logic [   RowWidth-1:0] row_o,      // where its first bit is
  output logic [   ColWidth-1:0] col_o,
  // verdict
  output logic                   done_o,
  output logic [   ErrWidth-1:0] fault_o
);

  `LAC_PARAM_RULE(lac_fmt_masks, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_masks, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_masks, NumSlots, 1, 256)
  `LAC_PARAM(lac_fmt_masks, Rows, 1, 4096)
  `LAC_PARAM(lac_fmt_masks, Cols, 1, 4096)

  localparam int Items = Rows * Cols;
  localparam int DueWidth = $clog2(Items + WordWidth + 1);
  localparam int NumMasks = (Items + WordWidth - 1) / WordWidth;
  localparam int LastBits = Items - (NumMasks - 1) * WordWidth;  // of the last mask, in the tile
  localparam int MaskWidth = $clog2(NumMasks + 1);
  localparam bit CountFirst = NumSlots <= 16;  // the ones of every choice, not of the chosen mask

  logic [MaskWidth-1:0] masks_q;  // masks still to come
  logic [ DueWidth-1:0] due_q;  // ones still to come, those of a fresh mask among them
  logic [WordWidth-1:0] mask_q;
  logic [OnesWidth-1:0] left_q;
  logic fresh_q, past_q;  // the mask was taken by the step before; it has ones past the tile
  logic [RowWidth-1:0] row_q, next_row_q, next_row;  // of this mask, of the next one
  logic [ColWidth-1:0] col_q, next_col_q, next_col;

  assign mask_o = mask_q;
  assign left_o = left_q;
  assign row_o  = row_q;
  assign col_o  = col_q;

  // What follows the values, for each number of them. It is only chosen by what taken_i says.
  logic [NumSlots:0] number, load;  // one-hot; with so many values a mask comes along
  logic [WordWidth-1:0] mask_at[NumSlots+2], mask_next;
  logic [OnesWidth-1:0] ones_at[NumSlots+2], ones_next;
  logic [LevelWidth-1:0] take_at[NumSlots+2];
  assign number = {taken_i, 1'b1} & ~{1'b0, taken_i};
  assign mask_at[0] = '0;
  assign ones_at[0] = '0;
  assign take_at[0] = '0;
  for (genvar k = 0; k <= NumSlots; k++) begin : gen_behind
    logic [LevelWidth-1:0] take;
    if (k * ValueWidth <= WordWidth) begin : gen_fits
      logic [WordWidth-1:0] mask;
      logic [OnesWidth-1:0] ones;
      assign mask = bits_i[k*ValueWidth+:WordWidth];
      if (CountFirst) begin : gen_count
        lac_fmt_count #(
          .Width(WordWidth)
        ) u_ones (
          .bits_i(mask),
          .ones_o(ones)
        );
      end else begin : gen_later
        assign ones = '0;
      end
      assign load[k] = used_up_i[k] && masks_q != '0
                     && level_i >= LevelWidth'(k * ValueWidth + WordWidth);
      assign mask_at[k+1] = mask_at[k] | (number[k] ? mask : '0);
      assign ones_at[k+1] = ones_at[k] | (number[k] ? ones : '0);
      assign take = load[k] ? LevelWidth'(k * ValueWidth + WordWidth) : LevelWidth'(k * ValueWidth);
    end else begin : gen_never
      assign load[k] = 1'b0;
      assign mask_at[k+1] = mask_at[k];
      assign ones_at[k+1] = ones_at[k];
      assign take = LevelWidth'(k * ValueWidth);  // more than the window holds is never taken
    end
    assign take_at[k+1] = take_at[k] | (number[k] ? take : '0);
  end
  assign load_o = (number & load) != '0;
  assign mask_next = mask_at[NumSlots+1];
  if (CountFirst) begin : gen_counted
    assign ones_next = ones_at[NumSlots+1];
  end else begin : gen_count
    lac_fmt_count #(
      .Width(WordWidth)
    ) u_ones (
      .bits_i(mask_next),
      .ones_o(ones_next)
    );
  end
  assign take_o = take_at[NumSlots+1];

  // A count is at most Items; the window is longer than values and a mask can be.
  logic unused;
  assign unused = ^{count_i, bits_i};

  logic past_tile;
  if (LastBits < WordWidth) begin : gen_past
    assign past_tile = masks_q == MaskWidth'(1) && mask_next[WordWidth-1:LastBits] != '0;
  end else begin : gen_whole
    assign past_tile = 1'b0;
  end

  // Verdict.
  logic over;
  assign over   = masks_q == '0 && left_q == '0;
  assign done_o = over && due_q == '0;
  always_comb begin
    fault_o = ErrNone;
    if (fresh_q && past_q) fault_o = ErrIndex;
    else if (fresh_q && DueWidth'(left_q) > due_q) fault_o = ErrCount;
    else if (over && due_q != '0) fault_o = ErrCount;
  end

  lac_fmt_walk #(
    .Rows   (Rows),
    .Cols   (Cols),
    .MaxStep(WordWidth)
  ) u_next (
    .row_i (next_row_q),
    .col_i (next_col_q),
    .step_i(OnesWidth'(WordWidth)),
    .row_o (next_row),
    .col_o (next_col)
  );

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      due_q      <= DueWidth'(count_i);  // at most Items
      mask_q     <= '0;
      left_q     <= '0;
      masks_q    <= MaskWidth'(NumMasks);
      next_row_q <= '0;
      next_col_q <= '0;
      fresh_q    <= 1'b0;
    end else if (step_i) begin
      fresh_q <= load_o;
      past_q  <= past_tile;
      if (fresh_q) due_q <= due_q - DueWidth'(left_q);
      if (load_o) begin
        mask_q     <= mask_next;
        left_q     <= ones_next;
        masks_q    <= masks_q - 1'b1;
        row_q      <= next_row_q;
        col_q      <= next_col_q;
        next_row_q <= next_row;
        next_col_q <= next_col;
      end else begin
        mask_q <= rest_i;
        left_q <= left_q - used_i;
      end
    end
  end

  `LAC_ASSERT(used_range, !step_i || used_i <= left_q, "more ones used up than the mask has")
  `LAC_ASSERT(used_up_right, !step_i || ((number & used_up_i) != '0) == (used_i == left_q),
              "a mask used up too soon")
  `LAC_ASSERT(masks_range, !step_i || masks_q <= MaskWidth'(NumMasks),
              "more masks than the tile has")
  `LAC_ASSERT(step_before_verdict, !(step_i && (done_o || fault_o != ErrNone)),
              "a step behind the verdict")
  `LAC_ASSERT(left_of_mask, !step_i || 32'(left_q) <= 32'($countones(mask_q)),
              "more ones left than the mask has")

endmodule
