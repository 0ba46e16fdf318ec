// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_ptr: pointer walker of CSR, CSC and BSR.
//
// Purpose: takes the pointers in front of the entries, a group per step, checks them and stores
//   them; then says for each entry on which line it is and whether it is the last there.
//
//   window --> check --> | groups of pointers | --> | end of this line | --> line_o, line_last_o
//                                                   | index            |
//
// Loading (load_o): a decoder's step is, in this order,
//   load_bad_o     fault: ErrPointer at load_pos_o (among the pointers that have come)
//   load_there_o   load_step_i, and load_take_o bits are removed
//   neither        nothing; ErrShort at 0 when no more bits come
// Walking (!load_o): done_o: all entries are used up. Otherwise a step is
//   empty_o        skip_i: the line has no entries, go on to the next
//   !empty_o       entry_i with the step that uses up entry index_o of line line_o
// Example, 3 lines, pointers 0 2 2 3: entry 0 (line 0), entry 1 (line 0, line_last), skip (line 1),
//   entry 2 (line 2, line_last), done.
//
// All outputs are combinational from registers and window; start_i comes with the header's step.
// Throughput: floor(WordWidth/PtrWidth) pointers per step, one entry or empty line per step.
// The table is Lines+1 pointers, not reset.
// Parameters:
//   WordWidth    32..256, 32, 64, 128 or 256
//   Lines        1..4096
//   PtrWidth     1..32
//   WindowWidth  WordWidth..2 * WordWidth
// Model: models/formats/csr.py, csc.py, bsr.py. Source: common practice.

`include "lac_assert.svh"

module lac_fmt_ptr
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth = 64,
  parameter int Lines = 64,
  parameter int PtrWidth = 16,
  parameter int WindowWidth = WordWidth,
  localparam int LevelWidth = $clog2(WindowWidth + 1),
  localparam int LineWidth = `LAC_INDEX_BITS(Lines)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   start_i,
  input  logic [   PosWidth-1:0] count_i,       // entries by the header, with start_i
  // loading
  input  logic [WindowWidth-1:0] bits_i,
  input  logic [ LevelWidth-1:0] level_i,
  output logic                   load_o,
  output logic                   load_there_o,
  output logic                   load_bad_o,
  output logic [   PosWidth-1:0] load_pos_o,
  output logic [ LevelWidth-1:0] load_take_o,
  input  logic                   load_step_i,
  // walking
  output logic                   done_o,
  output logic                   empty_o,
  output logic [  LineWidth-1:0] line_o,
  output logic                   line_last_o,
  output logic [   PosWidth-1:0] index_o,
  input  logic                   entry_i,
  input  logic                   skip_i
);

  `LAC_PARAM_RULE(lac_fmt_ptr, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_ptr, Lines, 1, 4096)
  `LAC_PARAM(lac_fmt_ptr, PtrWidth, 1, 32)
  `LAC_PARAM(lac_fmt_ptr, WindowWidth, WordWidth, 2 * WordWidth)

  localparam int Group = WordWidth / PtrWidth;
  localparam int NumPtr = Lines + 1;
  localparam int NumGroups = (NumPtr + Group - 1) / Group;
  localparam int GroupBits = Group * PtrWidth;
  localparam int RowWidth = `LAC_INDEX_BITS(NumGroups);
  localparam int LaneWidth = `LAC_INDEX_BITS(Group);
  // Pointers in the last group.
  localparam int LastGroup = NumPtr - (NumGroups - 1) * Group;

  logic load_q;
  logic [PosWidth-1:0] count_q, index_q;
  logic [RowWidth-1:0] wr_row_q;
  logic [PtrWidth-1:0] prev_q;  // last pointer of the group before
  logic [GroupBits-1:0] mem_q[NumGroups];

  logic unused_bits;  // behind the group
  assign unused_bits = ^bits_i;

  // Loading.
  logic last_group;
  assign last_group = wr_row_q == RowWidth'(NumGroups - 1);
  assign load_o = load_q;
  assign load_take_o = last_group ? LevelWidth'(LastGroup * PtrWidth) : LevelWidth'(GroupBits);
  assign load_there_o = level_i >= load_take_o;

  logic [Group-1:0] bad;
  for (genvar i = 0; i < Group; i++) begin : gen_check
    logic [PtrWidth-1:0] ptr, below;
    logic there, first, final_ptr;
    assign ptr = bits_i[i*PtrWidth+:PtrWidth];
    if (i > 0) begin : gen_before
      assign below = bits_i[(i-1)*PtrWidth+:PtrWidth];
    end else begin : gen_prev
      assign below = prev_q;
    end
    assign there = level_i >= LevelWidth'((i + 1) * PtrWidth) && (!last_group || i < LastGroup);
    assign first = i == 0 && wr_row_q == '0;
    assign final_ptr = last_group && i == LastGroup - 1;
    assign bad[i] = there && ((first ? ptr != '0 : ptr < below) || PosWidth'(ptr) > count_q
                    || (final_ptr && PosWidth'(ptr) != count_q));
  end
  assign load_bad_o = bad != '0;

  // Position of the first bad one: number of those in front of it, and of the groups before.
  logic [PosWidth-1:0] bad_at[Group+1];
  assign bad_at[Group] = '0;
  for (genvar i = 0; i < Group; i++) begin : gen_pos
    assign bad_at[i] = bad[i] ? PosWidth'(i) : bad_at[i+1];
  end
  assign load_pos_o = PosWidth'(wr_row_q) * PosWidth'(Group) + bad_at[0];

  // Walking: end_q is p[line+1], the read position is that of p[line+2].
  logic [LineWidth-1:0] line_q;
  logic [PtrWidth-1:0] end_q;
  logic [RowWidth-1:0] rd_row_q;
  logic [LaneWidth-1:0] rd_lane_q;
  logic [PtrWidth-1:0] rd_ptr;
  logic [PosWidth-1:0] index_next;
  logic go_on;

  assign rd_ptr = PtrWidth'(mem_q[rd_row_q] >> (rd_lane_q * PtrWidth));  // one of the group
  assign done_o = index_q == count_q;
  assign empty_o = PosWidth'(end_q) == index_q;
  assign index_next = index_q + 1'b1;
  assign line_last_o = PosWidth'(end_q) == index_next;
  assign line_o = line_q;
  assign index_o = index_q;
  assign go_on = (skip_i || (entry_i && line_last_o)) && line_q != LineWidth'(Lines - 1);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      load_q <= 1'b0;
    end else if (start_i) begin
      load_q <= 1'b1;
    end else if (load_step_i && last_group) begin
      load_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      count_q   <= count_i;
      index_q   <= '0;
      wr_row_q  <= '0;
      line_q    <= '0;
      rd_row_q  <= RowWidth'(2 / Group);
      rd_lane_q <= LaneWidth'(2 % Group);
    end else if (load_q) begin
      if (load_step_i) begin
        mem_q[wr_row_q] <= bits_i[GroupBits-1:0];
        prev_q <= bits_i[GroupBits-1-:PtrWidth];
        wr_row_q <= wr_row_q + 1'b1;
        // p[1] for the first line: lane 1 of group 0, or group 1 if groups have one lane.
        if (wr_row_q == RowWidth'(1 / Group)) end_q <= bits_i[(1%Group)*PtrWidth+:PtrWidth];
      end
    end else begin
      if (entry_i) index_q <= index_next;
      if (go_on) begin
        line_q <= line_q + 1'b1;
        end_q  <= rd_ptr;
        if (rd_lane_q == LaneWidth'(Group - 1)) begin
          rd_lane_q <= '0;
          rd_row_q  <= rd_row_q + 1'b1;
        end else begin
          rd_lane_q <= rd_lane_q + 1'b1;
        end
      end
    end
  end

  `LAC_ASSERT(load_or_walk, !(load_q && (entry_i || skip_i)),
              "a walk before the pointers are there")
  `LAC_ASSERT(load_asked, !load_step_i || load_q, "pointers are taken that nobody asked for")
  `LAC_ASSERT(entry_range, !entry_i || index_q < count_q, "an entry past the count")
  `LAC_ASSERT(line_range, !(entry_i || skip_i) || 32'(line_q) < 32'(Lines), "a line past the last")

endmodule
