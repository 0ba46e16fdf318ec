// SPDX-License-Identifier: Apache-2.0
//
// Selector of Cambricon-SE with natural lanes: lane l takes positions l, l + Lanes, .. of a window.
//
//   in (need) --> survivors of slot A and slot B, by lane --> first one of A, else of B --> row, rank, slot
//
// The cheaper way: no survivor leaves its lane, so a lane looks at Window / Lanes positions and its codes at
// CodeRow / Lanes, and nothing is compacted; but a window stays until its fullest lane is done. Windows enter
// the two slots in turn; B takes part unless A is the last one of its output. need_i is registered with
// en_i; its window is offered in the cycle behind, and rank_i are the numbers of its codes, there with it.
// Example, Lanes 2, need 0001_0111: lane 0 takes positions 0, 2, 4, lane 1 takes 1: three cycles.
// Streams: in. Latency: in to the first vector 1 cycle, that to fire_o 1, to out_* 2. Throughput: a vector, and
// a window, per cycle.
// Parameters:
//   Window   8..256, a power of two
//   Lanes    2..16, 2, 4, 8 or 16
//   CodeRow  4..256, a multiple of Lanes
// Model: models/cambricon_se clock.

`include "lac_assert.svh"

module lac_cse_natural #(
  parameter  int Window   = 128,
  parameter  int Lanes    = 16,
  parameter  int CodeRow  = 64,
  localparam int Rows     = Window / Lanes,
  localparam int RowBits  = `LAC_INDEX_BITS(Rows),
  localparam int RankBits = `LAC_INDEX_BITS(CodeRow / Lanes)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      clr_i,
  input  logic                      en_i,
  input  logic [        Window-1:0] need_i,
  input  logic                      in_valid_i,
  output logic                      in_ready_o,
  input  logic                      in_last_i,
  input  logic                      in_final_i,
  input  logic [RowBits*Window-1:0] rank_i,       // by bits
  output logic                      in_none_o,    // it has no survivor
  output logic                      slot_o,       // of the window that entered a cycle before
  output logic                      fire_o,       // a vector was decided a cycle before
  output logic                      final_o,      // the last one of the core's pass
  output logic                      out_fire_o,
  output logic                      out_last_o,
  output logic                      out_final_o,
  output logic [         Lanes-1:0] out_valid_o,
  output logic [         Lanes-1:0] out_slot_o,
  output logic [ Lanes*RowBits-1:0] out_row_o,
  output logic [Lanes*RankBits-1:0] out_rank_o
);

  `LAC_PARAM_RULE(lac_cse_natural, Window, 8, 256, (Window & (Window - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_cse_natural, Lanes, 2, 16,
                  Lanes == 2 || Lanes == 4 || Lanes == 8 || Lanes == 16, "2, 4, 8 or 16")
  `LAC_PARAM_RULE(lac_cse_natural, CodeRow, 4, 256, CodeRow % Lanes == 0, "a multiple of Lanes")

  logic [Window-1:0] need_q;
  always_ff @(posedge clk_i) if (en_i) need_q <= need_i;

  // places ------------------------------------------------------------------------------------------
  logic entered_slot_q;
  logic a_valid_q, a_last_q, a_final_q, b_valid_q, b_last_q, b_final_q, a_slot_q, new_slot_q;
  logic part, a_out, b_out, last, final_, fire, enter, a_stays, b_stays;
  logic [Lanes-1:0] valid, slot, a_done, b_done;

  assign part       = a_valid_q & b_valid_q & ~a_last_q;
  assign a_out      = a_valid_q & (&a_done);
  assign b_out      = a_out & part & (&b_done);
  assign last       = (a_out & a_last_q) | (b_out & b_last_q);
  assign final_     = (a_out & a_final_q) | (b_out & b_final_q);
  assign fire       = (|valid) | last;
  assign a_stays    = (a_valid_q & ~a_out) | (b_valid_q & ~b_out);
  assign b_stays    = a_valid_q & ~a_out & b_valid_q;
  assign in_ready_o = ~b_stays;
  assign enter      = in_valid_i & in_ready_o;
  assign in_none_o  = need_q == '0;
  assign slot_o     = entered_slot_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      a_valid_q  <= 1'b0;
      b_valid_q  <= 1'b0;
      a_slot_q   <= 1'b0;
      new_slot_q <= 1'b0;
    end else if (clr_i) begin
      a_valid_q  <= 1'b0;
      b_valid_q  <= 1'b0;
      a_slot_q   <= 1'b0;
      new_slot_q <= 1'b0;
    end else begin
      a_valid_q  <= a_stays | enter;
      b_valid_q  <= b_stays | (a_stays & enter);
      a_slot_q   <= a_slot_q ^ (a_out & ~b_out);
      new_slot_q <= new_slot_q ^ enter;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!(a_valid_q && !a_out)) begin
      a_last_q  <= b_valid_q && !b_out ? b_last_q : in_last_i;
      a_final_q <= b_valid_q && !b_out ? b_final_q : in_final_i;
    end
    if (!b_stays) begin
      b_last_q  <= in_last_i;
      b_final_q <= in_final_i;
    end
  end

  // lanes: survivors of both slots, by row ------------------------------------------------------------
  logic [Window-1:0] got, got_q;  // lane by lane
  logic [Lanes-1:0] valid_q, slot_q;
  logic load_0, load_1;

  assign load_0 = enter & ~new_slot_q;
  assign load_1 = enter & new_slot_q;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [Rows-1:0] left_0_q, left_1_q, need, of_a, of_b, first, rest, below;
    logic use_a, use_b;

    for (genvar r = 0; r < Rows; r++) begin : gen_need
      assign need[r] = need_q[r*Lanes+l];
    end
    assign of_a     = a_slot_q ? left_1_q : left_0_q;
    assign of_b     = a_slot_q ? left_0_q : left_1_q;
    assign use_a    = a_valid_q & (|of_a);
    assign use_b    = part & ~(|of_a) & (|of_b);
    assign valid[l] = use_a | use_b;
    assign slot[l]  = a_slot_q ^ use_b;

    // The first one is taken: what is below the first set bit, and that.
    assign rest     = use_a ? of_a : of_b;
    assign first    = rest & ~below;
    `LAC_FROM_FIRST(below, rest << 1, Rows)
    assign got[l*Rows+:Rows] = valid[l] ? first : '0;
    assign a_done[l] = (of_a & ~(use_a ? first : '0)) == '0;
    assign b_done[l] = (of_b & ~(use_b ? first : '0)) == '0;

    always_ff @(posedge clk_i) begin
      if (load_0) left_0_q <= need;
      else if (valid[l] && !slot[l]) left_0_q <= left_0_q & ~first;
      if (load_1) left_1_q <= need;
      else if (valid[l] && slot[l]) left_1_q <= left_1_q & ~first;
    end
  end

  logic fire_q, last_q, final_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) fire_q <= 1'b0;
    else fire_q <= fire & ~clr_i;
  end
  always_ff @(posedge clk_i) begin
    got_q   <= got;
    valid_q <= valid;
    slot_q  <= slot;
    last_q  <= last;
    final_q <= final_;
  end

  assign fire_o  = fire_q;
  assign final_o = fire_q & final_q;

  // numbers of codes, a cycle behind ------------------------------------------------------------------
  // In a slot from the cycle on in which nobody looks up the window that has left it.
  logic [RowBits*Window-1:0] entered_rank_q, rank_0_q, rank_1_q;

  always_ff @(posedge clk_i) begin
    if (enter) begin
      entered_rank_q <= rank_i;
      entered_slot_q <= new_slot_q;
    end
    // Again and again until the next one enters, which changes nothing.
    if (entered_slot_q) rank_1_q <= entered_rank_q;
    else rank_0_q <= entered_rank_q;
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_out
    logic [Rows-1:0] mine;
    logic [RowBits-1:0] row;
    logic [RankBits-1:0] rank;

    assign mine = got_q[l*Rows+:Rows];
    for (genvar b = 0; b < RowBits; b++) begin : gen_bit
      logic [Rows-1:0] odd, number_0, number_1;
      for (genvar r = 0; r < Rows; r++) begin : gen_row
        assign odd[r]      = ((r >> b) & 1) == 1;
        assign number_0[r] = rank_0_q[b*Window+r*Lanes+l];
        assign number_1[r] = rank_1_q[b*Window+r*Lanes+l];
      end
      assign row[b] = |(mine & odd);
      if (b < RankBits) begin : gen_rank
        assign rank[b] = |(mine & (slot_q[l] ? number_1 : number_0));
      end else begin : gen_no_rank
        logic unused_numbers;
        assign unused_numbers = ^{number_0, number_1};
      end
    end
    always_ff @(posedge clk_i) begin
      out_valid_o[l]                   <= valid_q[l];
      out_slot_o[l]                    <= valid_q[l] & slot_q[l];
      out_row_o[l*RowBits+:RowBits]    <= row;
      out_rank_o[l*RankBits+:RankBits] <= rank;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) out_fire_o <= 1'b0;
    else out_fire_o <= fire_q & ~clr_i;
  end
  always_ff @(posedge clk_i) begin
    out_last_o  <= last_q;
    out_final_o <= final_q;
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_last_i, in_final_i, rank_i}, clr_i)
  `LAC_ASSERT(b_behind_a, a_valid_q || !b_valid_q, "a window in B, and none in A")
  `LAC_ASSERT(slots_apart, !(a_valid_q && !b_valid_q) || new_slot_q != a_slot_q,
              "a window would enter over A")
  `LAC_ASSERT(slots_in_turn, !(a_valid_q == b_valid_q) || new_slot_q == a_slot_q,
              "slots are not taken in turn")
  `LAC_ASSERT(taken_by_vector, !(|valid) || fire, "survivors are taken without a vector")
  `LAC_ASSERT(load_over_none, !(enter && a_valid_q && !a_out) || new_slot_q != a_slot_q,
              "a window enters over one that stays")
  `LAC_COVER(cover_both_go, b_out)
  `LAC_COVER(cover_ahead, (|valid) && !a_out && part && (|(slot ^{Lanes{a_slot_q}})))

endmodule
