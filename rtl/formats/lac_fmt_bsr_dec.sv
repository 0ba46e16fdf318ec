// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_bsr_dec: decoder of block sparse rows: pointers per row of blocks, then the column of each
// block and all its values, zeros too.
//
// Example, 2 x 4 tile of 1 x 2 blocks: pointers 0 1 2, blocks (0; 5 0) (1; 6 7)
//   -> 5 at (0,0) eol in one beat; 6 at (1,2), 7 at (1,3) eol, last in the next.
//
//   in --> lac_fmt_slots: window --+--> lac_fmt_ptr: row of blocks --+--> lac_fmt_slots: lanes --> out
//                                  +--> column, scan in the block ---+
//
// The column of a block comes with its first values, as far as they are there. Lines for out_eol_o
// are rows of blocks.
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 4 cycles after the last step. Throughput: a step takes a
//   group of pointers, or slots of one block up to and including the NumLanes-th non-zero, or an
//   empty row of blocks.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1..16, 1, 4 or 16
//   BlockRows   1..16, a divisor of TileRows
//   BlockCols   1..16, a divisor of TileCols
//   PtrWidth    1..32
// Errors: ErrHeader, ErrShort, ErrLong, ErrIndex, ErrOrder, ErrPointer, ErrPadding.
// Model: models/formats/bsr.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_bsr_dec
  import lac_fmt_pkg::*;
#(
  parameter  int WordWidth  = 64,
  parameter  int ValueWidth = 8,
  parameter  int TileRows   = 16,
  parameter  int TileCols   = 16,
  parameter  int NumLanes   = 4,
  parameter  int BlockRows  = 2,
  parameter  int BlockCols  = 4,
  parameter  int PtrWidth   = 8,
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

  `LAC_PARAM_RULE(lac_fmt_bsr_dec, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_bsr_dec, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_bsr_dec, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_bsr_dec, TileCols, 1, 4096)
  `LAC_PARAM_RULE(lac_fmt_bsr_dec, NumLanes, 1, 16,
                  NumLanes == 1 || NumLanes == 4 || NumLanes == 16, "1, 4 or 16")
  `LAC_PARAM_RULE(lac_fmt_bsr_dec, BlockRows, 1, 16, TileRows % BlockRows == 0,
                  "a divisor of TileRows")
  `LAC_PARAM_RULE(lac_fmt_bsr_dec, BlockCols, 1, 16, TileCols % BlockCols == 0,
                  "a divisor of TileCols")
  `LAC_PARAM(lac_fmt_bsr_dec, PtrWidth, 1, 32)

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
  localparam int BaseWidth = BlockRowWidth + BlockColWidth + InRowWidth + InColWidth;

  logic [PosWidth-1:0] head_count, fault_pos;
  logic [WindowWidth-1:0] bits;
  logic [LevelWidth-1:0] level, take;
  logic [ErrWidth-1:0] fault;
  logic start, done, there, go;
  logic load, load_there, load_bad, walk_done, empty, line_last;
  logic [PosWidth-1:0] load_pos, index, short_pos;
  logic [LevelWidth-1:0] load_take;
  logic [BlockRowWidth-1:0] line;

  logic open_q;  // a block of this row has been seen: the next column must be above col_q
  logic inside_q;  // the column of the block at work has been taken
  logic [BlockColWidth-1:0] col_q;
  logic [SizeWidth-1:0] left_q;  // values of the block at work still to come
  logic [InRowWidth-1:0] in_row_q, in_row_d;  // the next of them in the block
  logic [InColWidth-1:0] in_col_q, in_col_d;
  logic block_end;

  lac_fmt_ptr #(
    .WordWidth  (WordWidth),
    .Lines      (GridRows),
    .PtrWidth   (PtrWidth),
    .WindowWidth(WindowWidth)
  ) u_ptr (
    .clk_i,
    .rst_ni,
    .start_i     (start),
    .count_i     (head_count),
    .bits_i      (bits),
    .level_i     (level),
    .load_o      (load),
    .load_there_o(load_there),
    .load_bad_o  (load_bad),
    .load_pos_o  (load_pos),
    .load_take_o (load_take),
    .load_step_i (go && load),
    .done_o      (walk_done),
    .empty_o     (empty),
    .line_o      (line),
    .line_last_o (line_last),
    .index_o     (index),
    .entry_i     (go && !load && !empty && block_end),
    .skip_i      (go && !load && empty)
  );

  // The block at work: its column, unless taken already, then values.
  logic col_there;
  logic [BlockColWidth-1:0] col_here, col;
  logic [ErrWidth-1:0] col_fault;
  logic [LevelWidth-1:0] slots_level, slots_take;
  logic [NumWidth-1:0] room, num;
  logic [NumSlots-1:0] full, kept;
  logic [SlotsWidth-1:0] slots;
  assign col_here = bits[BlockColWidth-1:0];
  assign col_there = level >= LevelWidth'(BlockColWidth);
  assign col = inside_q ? col_q : col_here;
  assign col_fault = inside_q || !col_there ? ErrNone
                   : 32'(col_here) >= GridCols ? ErrIndex
                   : open_q && col_here <= col_q ? ErrOrder : ErrNone;
  assign slots = inside_q ? SlotsWidth'(bits) : SlotsWidth'(bits >> BlockColWidth);
  assign slots_level = inside_q ? level : col_there ? level - LevelWidth'(BlockColWidth) : '0;
  assign room = load || empty ? '0
              : 32'(left_q) > NumSlots ? NumWidth'(NumSlots) : NumWidth'(left_q);
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
    .level_i(slots_level),
    .room_i (room),
    .taken_o(),
    .kept_o (kept),
    .num_o  (num),
    .take_o (slots_take)
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
  assign block_end = 32'(num) == 32'(left_q);

  // The step.
  logic values_there;
  logic [LevelWidth-1:0] values_take;
  assign values_there = inside_q ? num != '0 : col_there;
  assign values_take = slots_take + (inside_q ? '0 : LevelWidth'(BlockColWidth));
  assign done = !load && walk_done;
  assign short_pos = load ? '0 : index;
  always_comb begin
    if (load) begin
      there     = load_there;
      take      = load_take;
      fault     = load_bad ? ErrPointer : ErrNone;
      fault_pos = load_pos;
    end else begin
      there     = empty || values_there;
      take      = done || empty ? '0 : values_take;
      fault     = empty ? ErrNone : col_fault;
      fault_pos = index;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start) begin
      open_q   <= 1'b0;
      inside_q <= 1'b0;
      left_q   <= SizeWidth'(BlockSize);
      in_row_q <= '0;
      in_col_q <= '0;
    end else if (go && !load && !empty) begin
      col_q    <= col;
      inside_q <= !block_end;
      if (block_end) begin
        open_q   <= !line_last;
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

  // Lanes: the element from the number of the slot.
  logic [NumLanes*ValueWidth-1:0] lane_data, lane_value;
  logic [NumLanes*SlotIndexWidth-1:0] lane_slot;
  logic [NumLanes*RowWidth-1:0] lane_row;
  logic [NumLanes*ColWidth-1:0] lane_col;
  logic [NumLanes*BlockRowWidth-1:0] lane_line;
  logic [BaseWidth-1:0] lane_base;
  logic [BlockRowWidth-1:0] block_row;
  logic [BlockColWidth-1:0] block_col;
  logic [InRowWidth-1:0] base_in_row;
  logic [InColWidth-1:0] base_in_col;
  assign {block_row, block_col, base_in_row, base_in_col} = lane_base;

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
    .count_ok_i  (head_count <= PosWidth'(GridRows * GridCols)),
    .start_o     (start),
    .count_o     (),
    .bits_o      (bits),
    .level_o     (level),
    .done_i      (done),
    .fault_i     (fault),
    .fault_pos_i (fault_pos),
    .there_i     (there),
    .short_pos_i (short_pos),
    .take_i      (take),
    .go_o        (go),
    .slot_keep_i (kept),
    .slot_data_i (slots),
    .slot_base_i ({line, col, in_row_q, in_col_q}),
    .lane_data_o (lane_data),
    .lane_slot_o (lane_slot),
    .lane_base_o (lane_base),
    .lane_value_i(lane_value),
    .lane_row_i  (lane_row),
    .lane_col_i  (lane_col),
    .lane_line_i (lane_line)
  );

  `LAC_COVER(cover_empty_row, go && !load && empty)
  `LAC_COVER(cover_column_alone, go && !load && !empty && num == '0)
  `LAC_ASSERT(left_range, !go || load || empty || SizeWidth'(num) <= left_q,
              "values past the block")
  `LAC_ASSERT(col_range, !go || load || empty || 32'(col) < 32'(GridCols), "a block past the row")
  `LAC_ASSERT(inside_open, !go || load || empty || !inside_q || left_q != '0,
              "inside of a block without values")

endmodule
