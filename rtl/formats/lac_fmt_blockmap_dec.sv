// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_blockmap_dec: decoder of the block bitmap, one bit per block; all values of a kept block
// are stored, zeros too.
//
// Example, 2 x 4 tile of 1 x 2 blocks, mask 1001, values 5 0 | 6 7 -> 5 at (0,0) eol in one beat;
//   6 at (1,2), 7 at (1,3) eol, last in the next.
//
//   in --> lac_fmt_slots: window --> scan in the block --> lac_fmt_slots: lanes --> block, element
//                            \-> next mask behind it                                   --> out
//
// Masks as in lac_fmt_bitmap_core. Lines for out_eol_o are rows of blocks.
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 4 cycles after the last step. Throughput: a step takes
//   slots of one block, up to and including the NumLanes-th non-zero, and the next mask with the
//   last slot of the last block.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1..16, 1, 4 or 16
//   BlockRows   1..16, a divisor of TileRows
//   BlockCols   1..16, a divisor of TileCols
// Errors: ErrHeader, ErrShort, ErrLong, ErrIndex, ErrPadding, ErrCount.
// Model: models/formats/blockmap.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_blockmap_dec
  import lac_fmt_pkg::*;
#(
  parameter  int WordWidth  = 64,
  parameter  int ValueWidth = 8,
  parameter  int TileRows   = 16,
  parameter  int TileCols   = 16,
  parameter  int NumLanes   = 4,
  parameter  int BlockRows  = 2,
  parameter  int BlockCols  = 4,
  localparam int RowWidth   = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth   = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           in_valid_i,
  output logic                           in_ready_o,
  input  logic [          WordWidth-1:0] in_data_i,
  input  logic                           in_last_i,
  output logic                           out_valid_o,
  input  logic                           out_ready_i,
  output logic [           NumLanes-1:0] out_keep_o,
  output logic [NumLanes*ValueWidth-1:0] out_value_o,
  output logic [  NumLanes*RowWidth-1:0] out_row_o,
  output logic [  NumLanes*ColWidth-1:0] out_col_o,
  output logic [           NumLanes-1:0] out_eol_o,
  output logic                           out_last_o,
  output logic [           ErrWidth-1:0] out_err_o,
  output logic [           PosWidth-1:0] out_pos_o
);

  `LAC_PARAM_RULE(lac_fmt_blockmap_dec, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_blockmap_dec, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_blockmap_dec, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_blockmap_dec, TileCols, 1, 4096)
  `LAC_PARAM_RULE(lac_fmt_blockmap_dec, NumLanes, 1, 16,
                  NumLanes == 1 || NumLanes == 4 || NumLanes == 16, "1, 4 or 16")
  `LAC_PARAM_RULE(lac_fmt_blockmap_dec, BlockRows, 1, 16, TileRows % BlockRows == 0,
                  "a divisor of TileRows")
  `LAC_PARAM_RULE(lac_fmt_blockmap_dec, BlockCols, 1, 16, TileCols % BlockCols == 0,
                  "a divisor of TileCols")

  localparam int NumSlots = WordWidth / ValueWidth;
  localparam int SlotsWidth = NumSlots * ValueWidth;
  localparam int WindowWords = 2;
  localparam int WindowWidth = WindowWords * WordWidth;
  localparam int LevelWidth = $clog2(WindowWidth + 1);
  localparam int NumWidth = $clog2(NumSlots + 1);
  localparam int SlotIndexWidth = `LAC_INDEX_BITS(NumSlots);
  // The tile as a grid of blocks; the elements of a block are walked like those of a tile.
  localparam int GridRows = TileRows / BlockRows;
  localparam int GridCols = TileCols / BlockCols;
  localparam int BlockRowWidth = `LAC_INDEX_BITS(GridRows);
  localparam int BlockColWidth = `LAC_INDEX_BITS(GridCols);
  localparam int InRowWidth = `LAC_INDEX_BITS(BlockRows);
  localparam int InColWidth = `LAC_INDEX_BITS(BlockCols);
  localparam int BlockSize = BlockRows * BlockCols;
  localparam int SizeWidth = $clog2(BlockSize + 1);
  localparam int Blocks = GridRows * GridCols;
  localparam int DoneWidth = $clog2(Blocks + 1);
  localparam int OnesWidth = $clog2(WordWidth + 1);
  localparam int IndexWidth = $clog2(WordWidth);
  localparam int StepWidth = $clog2(WordWidth + 1);
  localparam int BaseWidth = BlockRowWidth + BlockColWidth + IndexWidth + InRowWidth + InColWidth;

  logic [PosWidth-1:0] head_count, fault_pos;
  logic [WindowWidth-1:0] bits;
  logic [LevelWidth-1:0] level, take;
  logic [ErrWidth-1:0] fault;
  logic start, done, there, go;

  logic [DoneWidth-1:0] index_q;  // blocks done
  logic [WordWidth-1:0] mask;  // blocks of this mask still to come, the lowest one at work
  logic [OnesWidth-1:0] blocks;  // their number
  logic [BlockRowWidth-1:0] row;  // of block 0 of this mask
  logic [BlockColWidth-1:0] col;
  logic [SizeWidth-1:0] left_q;  // values of the block at work still to come
  logic [InRowWidth-1:0] in_row_q, in_row_d;  // the next of them in the block
  logic [InColWidth-1:0] in_col_q, in_col_d;

  // Values of the block at work.
  logic busy, block_end;
  logic [NumWidth-1:0] room, num;
  logic [NumSlots-1:0] full, taken, kept;
  logic [SlotsWidth-1:0] slots;
  assign busy  = blocks != '0;
  assign room  = !busy ? '0 : 32'(left_q) > NumSlots ? NumWidth'(NumSlots) : NumWidth'(left_q);
  assign slots = SlotsWidth'(bits);
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
    .level_i(level),
    .room_i (room),
    .taken_o(taken),
    .kept_o (kept),
    .num_o  (num),
    .take_o ()
  );

  lac_fmt_walk #(
    .Rows   (BlockRows),
    .Cols   (BlockCols),
    .MaxStep(NumSlots)
  ) u_in_next (
    .row_i (in_row_q),
    .col_i (in_col_q),
    .step_i(num),
    .row_o (in_row_d),
    .col_o (in_col_d)
  );
  assign block_end = 32'(num) == 32'(left_q);  // left_q is 1 at least, num 0 unless busy

  // The masks.
  logic [WordWidth-1:0] block;
  logic [IndexWidth-1:0] block_index;
  logic [NumSlots:0] used_up;
  logic load;
  lac_ffs #(
    .Width(WordWidth)
  ) u_block (
    .in_i    (mask),
    .valid_o (),
    .index_o (block_index),
    .onehot_o(block)
  );
  for (genvar k = 0; k <= NumSlots; k++) begin : gen_used_up
    if (k == 0) begin : gen_none
      assign used_up[k] = !busy;
    end else begin : gen_values
      assign used_up[k] = blocks == OnesWidth'(1) && 32'(left_q) == k;
    end
  end

  lac_fmt_masks #(
    .WordWidth (WordWidth),
    .ValueWidth(ValueWidth),
    .NumSlots  (NumSlots),
    .Rows      (GridRows),
    .Cols      (GridCols)
  ) u_masks (
    .clk_i,
    .rst_ni,
    .start_i  (start),
    .count_i  (head_count),
    .step_i   (go),
    .bits_i   (bits),
    .level_i  (level),
    .taken_i  (taken),
    .used_i   (OnesWidth'(block_end)),
    .used_up_i(used_up),
    .rest_i   (block_end ? mask & ~block : mask),
    .load_o   (load),
    .take_o   (take),
    .mask_o   (mask),
    .left_o   (blocks),
    .row_o    (row),
    .col_o    (col),
    .done_o   (done),
    .fault_o  (fault)
  );
  assign there = num != '0 || load;
  assign fault_pos = PosWidth'(index_q);

  always_ff @(posedge clk_i) begin
    if (start) begin
      index_q  <= '0;
      left_q   <= SizeWidth'(BlockSize);
      in_row_q <= '0;
      in_col_q <= '0;
    end else if (go) begin
      index_q <= index_q + DoneWidth'(block_end);
      if (block_end) begin
        left_q   <= SizeWidth'(BlockSize);
        in_row_q <= '0;
        in_col_q <= '0;
      end else begin
        left_q   <= left_q - SizeWidth'(num);
        in_row_q <= in_row_d;
        in_col_q <= in_col_d;
      end
    end
  end

  // Lanes: the block from its number in the mask, the element from that of the slot.
  logic [NumLanes*ValueWidth-1:0] lane_data, lane_value;
  logic [NumLanes*SlotIndexWidth-1:0] lane_slot;
  logic [NumLanes*RowWidth-1:0] lane_row;
  logic [NumLanes*ColWidth-1:0] lane_col;
  logic [NumLanes*BlockRowWidth-1:0] lane_line;
  logic [BaseWidth-1:0] lane_base;
  logic [BlockRowWidth-1:0] base_row, block_row;
  logic [BlockColWidth-1:0] base_col, block_col;
  logic [IndexWidth-1:0] base_index;
  logic [InRowWidth-1:0] base_in_row;
  logic [InColWidth-1:0] base_in_col;
  assign {base_row, base_col, base_index, base_in_row, base_in_col} = lane_base;

  lac_fmt_walk #(
    .Rows   (GridRows),
    .Cols   (GridCols),
    .MaxStep(WordWidth)
  ) u_walk (
    .row_i (base_row),
    .col_i (base_col),
    .step_i(StepWidth'(base_index)),
    .row_o (block_row),
    .col_o (block_col)
  );
  for (genvar l = 0; l < NumLanes; l++) begin : gen_lane
    logic [InRowWidth-1:0] in_row;
    logic [InColWidth-1:0] in_col;
    lac_fmt_walk #(
      .Rows   (BlockRows),
      .Cols   (BlockCols),
      .MaxStep(NumSlots)
    ) u_in_walk (
      .row_i (base_in_row),
      .col_i (base_in_col),
      .step_i(NumWidth'(lane_slot[l*SlotIndexWidth+:SlotIndexWidth])),
      .row_o (in_row),
      .col_o (in_col)
    );
    // Below TileRows and TileCols, as the block is in the grid.
    assign lane_row[l*RowWidth+:RowWidth] = RowWidth'(32'(block_row) * BlockRows + 32'(in_row));
    assign lane_col[l*ColWidth+:ColWidth] = ColWidth'(32'(block_col) * BlockCols + 32'(in_col));
    assign lane_line[l*BlockRowWidth+:BlockRowWidth] = block_row;
  end
  assign lane_value = lane_data;

  lac_fmt_slots #(
    .WordWidth  (WordWidth),
    .WindowWords(WindowWords),
    .NumSlots   (NumSlots),
    .NumLanes   (NumLanes),
    .DataWidth  (ValueWidth),
    .BaseWidth  (BaseWidth),
    .ValueWidth (ValueWidth),
    .TileRows   (TileRows),
    .TileCols   (TileCols),
    .LineWidth  (BlockRowWidth)
  ) u_shell (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .in_last_i,
    .out_valid_o,
    .out_ready_i,
    .out_keep_o,
    .out_value_o,
    .out_row_o,
    .out_col_o,
    .out_eol_o,
    .out_last_o,
    .out_err_o,
    .out_pos_o,
    .head_count_o(head_count),
    .count_ok_i  (head_count <= PosWidth'(Blocks)),
    .start_o     (start),
    .count_o     (),
    .bits_o      (bits),
    .level_o     (level),
    .done_i      (done),
    .fault_i     (fault),
    .fault_pos_i (fault_pos),
    .there_i     (there),
    .short_pos_i (PosWidth'(index_q)),
    .take_i      (take),
    .go_o        (go),
    .slot_keep_i (kept),
    .slot_data_i (slots),
    .slot_base_i ({row, col, block_index, in_row_q, in_col_q}),
    .lane_data_o (lane_data),
    .lane_slot_o (lane_slot),
    .lane_base_o (lane_base),
    .lane_value_i(lane_value),
    .lane_row_i  (lane_row),
    .lane_col_i  (lane_col),
    .lane_line_i (lane_line)
  );

  `LAC_COVER(cover_mask_with_values, go && num != '0 && load)
  `LAC_ASSERT(left_range, !go || !busy || SizeWidth'(num) <= left_q, "values past the block")

endmodule
