// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_wgt_fifo: weight FIFO that walks a block again and again, and the queue of descriptors.
//
// Purpose: keeps the vectors of blocks. The block at the front is walked once for every group of
//   activations, up to MaxVec vectors a cycle, and freed with its last walk.
// Example, a block of vectors a b c, walked by two at a time, twice: head {b, a}; adv 2; head {-,
//   c}; adv 1 and rewind; head {b, a}; adv 2; head {-, c}; adv 1 and free: the level falls by 3.
//
// head_o: the vector at the read pointer and those behind it, whether they are there or not: who
// walks stops at the end of a block that is known to be whole (its descriptor came with its last
// vector). adv_i moves the read pointer behind as many vectors; with rewind_i it goes back to the
// start of the block instead; with free_i the start goes along: all before it is free.
// Streams: vec_valid_i and desc_valid_i say how many come (lowest first, no holes), who sends looks
// at the levels first; desc_valid_o, desc_pop_i. All outputs come from registers (heads through a
// multiplexer, levels through an adder). What is put in is seen, and counts in the level, in the next cycle.
// clr_i: empty from the next cycle on.
// Latency 1 cycle. Throughput RowVectors vectors per cycle in and MaxVec out, RowVectors
// descriptors in and one out.
// Parameters:
//   Width       1..1024
//   DescWidth   1..64
//   RowVectors  MaxVec..8, a power of two
//   Depth       2 * RowVectors..256, a multiple of RowVectors
//   MaxVec      2..4, a power of two
// Model: lists in tb/scnn/blocks/reference.py. Source: SCNN (ISCA 2017), section IV, weight FIFO.

`include "lac_assert.svh"

module lac_scnn_wgt_fifo #(
  parameter  int Width      = 132,
  parameter  int DescWidth  = 20,
  parameter  int RowVectors = 8,
  parameter  int Depth      = 64,
  parameter  int MaxVec     = 4,
  localparam int LevelWidth = $clog2(Depth + 1)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  input  logic                            clr_i,
  // in
  input  logic [          RowVectors-1:0] vec_valid_i,
  input  logic [    RowVectors*Width-1:0] vec_i,
  input  logic [          RowVectors-1:0] desc_valid_i,
  input  logic [RowVectors*DescWidth-1:0] desc_i,
  // vectors
  output logic [        MaxVec*Width-1:0] head_o,
  input  logic [                     2:0] adv_i,
  input  logic                            rewind_i,
  input  logic                            free_i,
  output logic [          LevelWidth-1:0] level_o,
  // descriptors
  output logic                            desc_valid_o,
  output logic [           DescWidth-1:0] desc_o,
  input  logic                            desc_pop_i,
  output logic [          LevelWidth-1:0] desc_level_o
);

  `LAC_PARAM(lac_scnn_wgt_fifo, Width, 1, 1024)
  `LAC_PARAM(lac_scnn_wgt_fifo, DescWidth, 1, 64)
  `LAC_PARAM_RULE(lac_scnn_wgt_fifo, RowVectors, MaxVec, 8, (RowVectors & (RowVectors - 1)) == 0,
                  "a power of two")
  `LAC_PARAM_RULE(lac_scnn_wgt_fifo, Depth, 2 * RowVectors, 256, Depth % RowVectors == 0,
                  "a multiple of RowVectors")
  `LAC_PARAM_RULE(lac_scnn_wgt_fifo, MaxVec, 2, 4, (MaxVec & (MaxVec - 1)) == 0, "a power of two")

  localparam int Rows = Depth / RowVectors;
  localparam int RowWidth = `LAC_INDEX_BITS(Rows);
  localparam int LogVec = $clog2(RowVectors);
  localparam logic [RowWidth-1:0] LastRow = RowWidth'(Rows - 1);

  logic [RowWidth-1:0] rd_row_q, start_row_q, rd_next, to_row;
  logic [LogVec-1:0] rd_bank_q, start_bank_q, to_bank;
  logic [LogVec:0] rd_end;
  logic [LogVec:0] vec_num, desc_num;
  // What came with the last clock edge is counted apart: its number is there late in a cycle.
  logic [LevelWidth-1:0] level, level_q, pushed_q, walked_q, to_walked;

  lac_scnn_ring #(
    .Width (Width),
    .Depth (Depth),
    .Banks (RowVectors),
    .NumOut(MaxVec)
  ) u_vec (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i(vec_valid_i),
    .in_data_i (vec_i),
    .in_num_o  (vec_num),
    .rd_row_i  (rd_row_q),
    .rd_bank_i (rd_bank_q),
    .out_data_o(head_o)
  );

  assign rd_next = rd_row_q == LastRow ? '0 : rd_row_q + RowWidth'(1);
  assign rd_end = (LogVec + 1)'(rd_bank_q) + (LogVec + 1)'(adv_i);
  assign to_row = rd_end[LogVec] ? rd_next : rd_row_q;
  assign to_bank = rd_end[LogVec-1:0];
  assign to_walked = walked_q + LevelWidth'(adv_i);
  assign level = level_q + pushed_q;
  assign level_o = level;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      level_q      <= '0;
      pushed_q     <= '0;
      walked_q     <= '0;
      rd_row_q     <= '0;
      rd_bank_q    <= '0;
      start_row_q  <= '0;
      start_bank_q <= '0;
    end else if (clr_i) begin
      level_q      <= '0;
      pushed_q     <= '0;
      walked_q     <= '0;
      rd_row_q     <= '0;
      rd_bank_q    <= '0;
      start_row_q  <= '0;
      start_bank_q <= '0;
    end else begin
      level_q   <= free_i ? level - to_walked : level;
      pushed_q  <= LevelWidth'(vec_num);
      walked_q  <= rewind_i || free_i ? '0 : to_walked;
      rd_row_q  <= rewind_i ? start_row_q : to_row;
      rd_bank_q <= rewind_i ? start_bank_q : to_bank;
      if (free_i) begin
        start_row_q  <= to_row;
        start_bank_q <= to_bank;
      end
    end
  end

  // descriptors --------------------------------------------------------------------------------
  logic [RowWidth-1:0] desc_row_q;
  logic [  LogVec-1:0] desc_bank_q;
  logic [LevelWidth-1:0] desc_level, desc_level_q, desc_pushed_q;

  lac_scnn_ring #(
    .Width (DescWidth),
    .Depth (Depth),
    .Banks (RowVectors),
    .NumOut(1)
  ) u_desc (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i(desc_valid_i),
    .in_data_i (desc_i),
    .in_num_o  (desc_num),
    .rd_row_i  (desc_row_q),
    .rd_bank_i (desc_bank_q),
    .out_data_o(desc_o)
  );

  assign desc_level   = desc_level_q + desc_pushed_q;
  assign desc_valid_o = desc_level_q != '0 || desc_pushed_q != '0;
  assign desc_level_o = desc_level;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      desc_level_q  <= '0;
      desc_pushed_q <= '0;
      desc_row_q    <= '0;
      desc_bank_q   <= '0;
    end else if (clr_i) begin
      desc_level_q  <= '0;
      desc_pushed_q <= '0;
      desc_row_q    <= '0;
      desc_bank_q   <= '0;
    end else begin
      desc_level_q  <= desc_level - LevelWidth'(desc_pop_i);
      desc_pushed_q <= LevelWidth'(desc_num);
      if (desc_pop_i) begin
        desc_bank_q <= desc_bank_q + LogVec'(1);
        if (desc_bank_q == '1) desc_row_q <= desc_row_q == LastRow ? '0 : desc_row_q + RowWidth'(1);
      end
    end
  end

  localparam int SumWidth = LevelWidth + 1;
  `LAC_ASSERT(vec_room, clr_i || SumWidth'(level) + SumWidth'(vec_num) <= SumWidth'(Depth),
              "it overflows")
  `LAC_ASSERT(desc_room, clr_i || SumWidth'(desc_level) + SumWidth'(desc_num) <= SumWidth'(Depth),
              "descriptors overflow")
  `LAC_ASSERT(few_at_once,
              pushed_q <= LevelWidth'(RowVectors) && desc_pushed_q <= LevelWidth'(RowVectors),
              "more came than a row has")
  `LAC_ASSERT(there, SumWidth'(walked_q) + SumWidth'(adv_i) <= SumWidth'(level),
              "it is walked past its end")
  `LAC_ASSERT(steps, adv_i <= 3'(MaxVec), "more than its vectors at once")
  `LAC_ASSERT(one_way, !(rewind_i && free_i), "back and free at once")
  `LAC_ASSERT(not_ahead, walked_q <= level, "it is ahead of what was written")
  `LAC_ASSERT(turn_moves, !(rewind_i || free_i) || adv_i != '0,
              "the end of a walk without a vector")
  `LAC_ASSERT(pop_there, !desc_pop_i || desc_valid_o, "a descriptor that is not there")
  `LAC_STREAM_CLR(desc_valid_o, desc_pop_i, desc_o, clr_i)
  `LAC_COVER(cover_full, level == LevelWidth'(Depth))
  `LAC_COVER(cover_full_desc, desc_level == LevelWidth'(Depth))
  `LAC_COVER(cover_rewind_round, rewind_i && start_row_q > rd_row_q)
  `LAC_COVER(cover_free_all, free_i && to_walked == level)

endmodule
