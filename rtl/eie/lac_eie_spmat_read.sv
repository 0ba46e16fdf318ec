// SPDX-License-Identifier: Apache-2.0
//
// Sparse-matrix read: walks the entries [start, end) of a column slice, one per cycle, across the
// rows of the wide weight SRAM.
//
//   descriptor -> issue row read -> SRAM output (fetched token) -> row register (token at work)
//              -> entry register -> arithmetic unit
//
// A token is the part of a slice that lies in one SRAM row. While one token is worked off the next
// row is already at the SRAM output, so short slices and row borders cost no cycle. A row that is
// still at the SRAM output is not read again.
//
// Padding entries (code 0, idx all ones) only move the row address. Without fuse_pad_i each takes
// a slot, as in the paper. With it a cycle takes the first real entry of the token together with
// the padding before it, and with the padding behind it if nothing real follows in the row; only a
// token of nothing but padding takes a slot for itself.
// Example (IdxWidth 4): entries (0,15) (3,7) (0,15) at the end of a row go out as one entry with
// code 3, step 16+8, and the next entry of the slice starts 16 rows further.
//
// Streams: in valid/ready (ready combinational from state and descriptor); ent has no ready: the
// arithmetic unit takes one entry per cycle.
// Throughput: one entry per cycle. Latency: descriptor to ent_valid_o 3 cycles.
// Parameters:
//   ActWidth    8..16, 8 or 16
//   CodeWidth   1..8
//   IdxWidth    1..8
//   PtrWidth    1..32
//   SpmatWidth  2 * (CodeWidth + IdxWidth)..128 * (CodeWidth + IdxWidth), a power of two of entries
//   SpmatDepth  1..16777215
//   StepWidth   2..14
// Source: EIE (ISCA 2016), section IV, "Sparse Matrix Read Unit". Model: models/eie/cycles.py.

`include "lac_assert.svh"

module lac_eie_spmat_read
  import lac_pkg::*;
#(
  parameter int ActWidth = 16,
  parameter int CodeWidth = 4,
  parameter int IdxWidth = 4,
  parameter int PtrWidth = 18,
  parameter int SpmatWidth = 64,
  parameter int SpmatDepth = 16384,
  parameter int StepWidth = 8,  // row steps saturate at 2^StepWidth-1
  localparam int RowWidth = `LAC_INDEX_BITS(SpmatDepth)
) (
  input logic clk_i,
  input logic rst_ni,
  input lac_mem_cfg_t mem_cfg_i,
  input logic clr_i,
  input logic fuse_pad_i,
  // load
  input logic wr_en_i,
  input logic [RowWidth-1:0] wr_addr_i,
  input logic [SpmatWidth-1:0] wr_data_i,
  // descriptors
  input logic in_valid_i,
  output logic in_ready_o,
  input logic [ActWidth-1:0] in_act_i,
  input logic [PtrWidth-1:0] in_start_i,
  input logic [PtrWidth-1:0] in_end_i,
  // entries
  output logic ent_valid_o,
  output logic [ActWidth-1:0] ent_act_o,
  output logic [CodeWidth-1:0] ent_code_o,
  output logic [StepWidth-1:0] ent_step_o,  // rows to move on
  output logic ent_first_o,  // first of its slice: the row address starts anew
  // state and events
  output logic idle_o,
  output logic ev_read_o,  // a weight SRAM row is read
  output logic ev_empty_o  // an empty slice takes this slot
);

  `LAC_PARAM_RULE(lac_eie_spmat_read, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_eie_spmat_read, CodeWidth, 1, 8)
  `LAC_PARAM(lac_eie_spmat_read, IdxWidth, 1, 8)
  `LAC_PARAM(lac_eie_spmat_read, PtrWidth, 1, 32)
  `LAC_PARAM_RULE(lac_eie_spmat_read, SpmatWidth, 2 * (CodeWidth + IdxWidth),
                  128 * (CodeWidth + IdxWidth), SpmatWidth == (CodeWidth + IdxWidth) << $clog2
                  (SpmatWidth / (CodeWidth + IdxWidth)), "a power of two of entries")
  `LAC_PARAM(lac_eie_spmat_read, SpmatDepth, 1, 16777215)
  `LAC_PARAM(lac_eie_spmat_read, StepWidth, 2, 14)

  localparam int EntryWidth = CodeWidth + IdxWidth;
  localparam int NumLanes = SpmatWidth / EntryWidth;  // entries per row
  localparam int LaneWidth = $clog2(NumLanes);
  localparam int SumWidth = StepWidth + IdxWidth + LaneWidth + 2;  // no step sum can wrap

  // issue ------------------------------------------------------------------------------------
  logic mid_q;  // the head descriptor has issued some of its rows
  logic [RowWidth-1:0] mid_row_q, row, row_last;
  logic [PtrWidth-1:0] last_entry;
  logic empty, is_last, issue, rd_en;
  logic                held_valid_q;
  logic [RowWidth-1:0] held_row_q;

  // token at the SRAM output, token at work
  logic t1_valid_q, t1_first_q, t1_empty_q, t1_ready;
  logic [LaneWidth-1:0] t1_lo_q, t1_hi_q;
  logic [ActWidth-1:0] t1_act_q;
  logic t2_valid_q, t2_first_q, t2_empty_q, t2_ready, t2_done;
  logic [LaneWidth-1:0] t2_lo_q, t2_hi_q;
  logic [ActWidth-1:0] t2_act_q;
  logic [SpmatWidth-1:0] sram_data, t2_row_q;

  assign last_entry = in_end_i - PtrWidth'(1);
  assign row_last   = RowWidth'(last_entry >> LaneWidth);  // fits: pointers were range-checked
  assign row        = mid_q ? mid_row_q : RowWidth'(in_start_i >> LaneWidth);
  assign empty      = in_start_i == in_end_i;
  assign is_last    = empty | (row == row_last);
  assign issue      = in_valid_i & t1_ready;
  assign in_ready_o = t1_ready & is_last;
  assign rd_en      = issue & ~empty & ~(held_valid_q & (held_row_q == row));
  assign ev_read_o  = rd_en;
  assign t1_ready   = ~t1_valid_q | t2_ready;
  assign t2_ready   = ~t2_valid_q | t2_done;

  lac_sram #(
    .Width(SpmatWidth),
    .Depth(SpmatDepth)
  ) u_spmat (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (rd_en),
    .rd_addr_i(row),
    .rd_data_o(sram_data),
    .wr_en_i  (wr_en_i),
    .wr_addr_i(wr_addr_i),
    .wr_data_i(wr_data_i)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mid_q        <= 1'b0;
      held_valid_q <= 1'b0;
      t1_valid_q   <= 1'b0;
      t2_valid_q   <= 1'b0;
    end else if (clr_i) begin
      mid_q        <= 1'b0;
      held_valid_q <= 1'b0;  // the next pass may have loaded other weights
      t1_valid_q   <= 1'b0;
      t2_valid_q   <= 1'b0;
    end else begin
      if (issue) mid_q <= ~is_last;
      if (rd_en) held_valid_q <= 1'b1;
      if (t1_ready) t1_valid_q <= in_valid_i;
      if (t2_ready) t2_valid_q <= t1_valid_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (issue) begin
      mid_row_q  <= row + RowWidth'(1);
      t1_first_q <= ~mid_q;
      t1_empty_q <= empty;
      t1_lo_q    <= mid_q ? '0 : LaneWidth'(in_start_i);
      t1_hi_q    <= is_last ? LaneWidth'(last_entry) : LaneWidth'(NumLanes - 1);
      t1_act_q   <= in_act_i;
    end
    if (rd_en) held_row_q <= row;
  end

  // work -------------------------------------------------------------------------------------
  logic [NumLanes-1:0] window, pad, real_mask, left_mask;
  logic any_real;
  logic [LaneWidth-1:0] pick_real, pick;
  logic [CodeWidth-1:0] pick_code;
  logic [ IdxWidth-1:0] pick_idx;
  logic [SumWidth-1:0] pads_before, step_sum, pads_behind_q;  // pads_behind_q: from the last row

  for (genvar e = 0; e < NumLanes; e++) begin : gen_lane
    assign pad[e] = (t2_row_q[e*EntryWidth +: CodeWidth] == '0)
        & (&t2_row_q[e*EntryWidth + CodeWidth +: IdxWidth]);
  end

  assign window    = ({NumLanes{1'b1}} << t2_lo_q) & ~({NumLanes{1'b1}} << t2_hi_q << 1);
  assign real_mask = window & ~pad;

  lac_ffs #(
    .Width(NumLanes)
  ) u_first_real (
    .in_i    (real_mask),
    .valid_o (any_real),
    .index_o (pick_real),
    .onehot_o()
  );

  // What is taken this cycle ends at entry `pick`.
  assign pick        = ~fuse_pad_i ? t2_lo_q : any_real ? pick_real : t2_hi_q;
  assign left_mask   = real_mask & (real_mask - NumLanes'(1));  // without the first real entry
  assign t2_done     = t2_empty_q | (fuse_pad_i ? ~(|left_mask) : t2_lo_q == t2_hi_q);
  assign pick_code   = t2_row_q[32'(pick)*EntryWidth+:CodeWidth];
  assign pick_idx    = t2_row_q[32'(pick)*EntryWidth+CodeWidth+:IdxWidth];
  assign pads_before = SumWidth'(pick) - SumWidth'(t2_lo_q) + (t2_first_q ? '0 : pads_behind_q);
  assign step_sum    = (pads_before << IdxWidth) + SumWidth'(pick_idx) + SumWidth'(1);

  always_ff @(posedge clk_i) begin
    if (t2_ready && t1_valid_q) begin
      t2_row_q   <= sram_data;
      t2_first_q <= t1_first_q;
      t2_empty_q <= t1_empty_q;
      t2_lo_q    <= t1_lo_q;
      t2_hi_q    <= t1_hi_q;
      t2_act_q   <= t1_act_q;
    end else begin
      t2_lo_q    <= pick + LaneWidth'(1);
      t2_first_q <= 1'b0;
    end
    // Padding behind the last real entry of the row is counted on to the next row's first step.
    if (t2_valid_q)
      pads_behind_q <= fuse_pad_i && t2_done ? SumWidth'(t2_hi_q) - SumWidth'(pick) : '0;
  end

  // entry register ---------------------------------------------------------------------------
  logic ent_valid_q, ent_empty_q;

  assign ent_valid_o = ent_valid_q;
  assign ev_empty_o  = ent_empty_q;
  assign idle_o      = ~t1_valid_q & ~t2_valid_q & ~ent_valid_q & ~ent_empty_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ent_valid_q <= 1'b0;
      ent_empty_q <= 1'b0;
    end else begin
      ent_valid_q <= t2_valid_q & ~t2_empty_q & ~clr_i;
      ent_empty_q <= t2_valid_q & t2_empty_q & ~clr_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (t2_valid_q && !t2_empty_q) begin
      ent_act_o   <= t2_act_q;
      ent_code_o  <= pick_code;
      ent_first_o <= t2_first_q;
      ent_step_o  <= |(step_sum >> StepWidth) ? '1 : StepWidth'(step_sum);
    end
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_end_i, in_start_i, in_act_i}, clr_i)
  `LAC_ASSERT(row_range, !issue || empty || row <= row_last, "a row past the end of the slice")
  `LAC_ASSERT(t1_order, !t1_valid_q || t1_empty_q || t1_lo_q <= t1_hi_q, "token without entries")
  `LAC_ASSERT(t2_order, !t2_valid_q || t2_empty_q || t2_lo_q <= t2_hi_q, "token without entries")
  `LAC_ASSERT(pick_range, !t2_valid_q || t2_empty_q || (t2_lo_q <= pick && pick <= t2_hi_q),
              "an entry outside the token is taken")
  `LAC_ASSERT(one_slot, !(ent_valid_o && ev_empty_o), "an entry and an empty slice in one slot")
  `LAC_ASSERT(step_moves, !ent_valid_o || ent_step_o != '0, "an entry that does not move on")

endmodule
