// SPDX-License-Identifier: Apache-2.0
//
// Places A and B of Cambricon-SE: the two oldest windows, by the numbers of their survivors alone.
//
//   in (survivors, last) --> B --> A     up to Lanes survivors a cycle, from A, then from B --> take_o
//
// What the windows are (flags, neurons, codes) stands in two slots, which windows enter in turn; take_o
// says, a cycle later, what to pick of them. B takes part unless A is the last window of its output. A window
// without survivors left goes; an output ends with a vector, if need be an empty one. hold_i: nothing is
// taken and nothing goes.
// Example, Lanes 4: A has 3, B has 6: a vector of 3 + 1; then B is A and has 5.
// Streams: in. Latency: in to the first vector 1 cycle, take_o 1 more. Throughput: a vector, and a window, per
// cycle.
// Parameters:
//   Window  8..256, a power of two
//   Lanes   2..16, 2, 4, 8 or 16
// Model: models/cambricon_se clock.

`include "lac_assert.svh"

module lac_cse_places
  import lac_cse_pkg::*;
#(
  parameter  int Window   = 128,
  parameter  int Lanes    = 16,
  localparam int SumWidth = $clog2(Window) + 1,
  localparam int LaneLog  = $clog2(Lanes)
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic                         clr_i,
  input  logic                         hold_i,
  input  logic                         in_valid_i,
  output logic                         in_ready_o,
  input  logic          [SumWidth-1:0] in_count_i,
  input  logic                         in_last_i,
  input  logic                         in_final_i,
  output logic          [ LaneLog-1:0] in_base_o,   // lane of its first survivor
  output logic                         in_slot_o,   // where it goes
  output logic                         ends_o,      // an output ends in this cycle
  output lac_cse_take_t                take_o
);

  `LAC_PARAM_RULE(lac_cse_places, Window, 8, 256, (Window & (Window - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_cse_places, Lanes, 2, 16,
                  Lanes == 2 || Lanes == 4 || Lanes == 8 || Lanes == 16, "2, 4, 8 or 16")

  logic a_valid_q, a_last_q, a_final_q, b_valid_q, b_last_q, b_final_q, a_slot_q, new_slot_q;
  logic [SumWidth-1:0] a_left_q, b_left_q, a_rest, b_rest;
  logic [8:0] a_pos_q, b_pos, a_step;
  logic [LaneLog-1:0] base_q, b_base_q;
  logic [4:0] num_a, num_b, room;
  logic go, part, a_few, a_out, b_out, last, final_, fire, enter, a_stays, b_stays;

  assign go = a_valid_q & ~hold_i;
  assign part = go & b_valid_q & ~a_last_q;
  assign a_few = a_left_q <= SumWidth'(Lanes);
  assign num_a = a_few ? 5'(a_left_q) : 5'(Lanes);
  assign room = 5'(Lanes) - num_a;
  assign num_b = !part ? '0 : 32'(b_left_q) <= 32'(room) ? 5'(b_left_q) : room;
  assign a_rest = a_left_q - SumWidth'(num_a);
  assign b_rest = b_left_q - SumWidth'(num_b);
  assign a_out = go & a_few;
  assign b_out = a_out & part & (b_rest == '0);
  assign last = (a_out & a_last_q) | (b_out & b_last_q);
  assign final_ = (a_out & a_final_q) | (b_out & b_final_q);
  assign fire = go & ((num_a != '0) | (num_b != '0) | last);

  assign a_stays = (a_valid_q & ~a_out) | (b_valid_q & ~b_out);
  assign b_stays = a_valid_q & ~a_out & b_valid_q;
  assign in_ready_o = ~b_stays;
  assign enter = in_valid_i & in_ready_o;
  assign in_base_o = base_q;
  assign in_slot_o = new_slot_q;
  assign ends_o = last;

  // The first survivor of A that is left, where it was dealt to; of B it is its first one.
  assign a_step = a_pos_q + 9'(num_a);
  assign b_pos = 9'(b_base_q) + 9'(num_b);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      a_valid_q  <= 1'b0;
      b_valid_q  <= 1'b0;
      a_slot_q   <= 1'b0;
      new_slot_q <= 1'b0;
      base_q     <= '0;
    end else if (clr_i) begin
      a_valid_q  <= 1'b0;
      b_valid_q  <= 1'b0;
      a_slot_q   <= 1'b0;
      new_slot_q <= 1'b0;
      base_q     <= '0;
    end else begin
      a_valid_q <= a_stays | enter;
      b_valid_q <= b_stays | (a_stays & enter);
      a_slot_q  <= a_slot_q ^ (a_out & ~b_out);
      if (enter) begin
        new_slot_q <= ~new_slot_q;
        base_q     <= base_q + LaneLog'(in_count_i);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (a_valid_q && !a_out) begin
      if (go) begin
        a_left_q <= a_rest;
        a_pos_q  <= a_step;
      end
    end else if (b_valid_q && !b_out) begin
      a_left_q  <= b_rest;
      a_pos_q   <= b_pos;
      a_last_q  <= b_last_q;
      a_final_q <= b_final_q;
    end else begin
      a_left_q  <= in_count_i;
      a_pos_q   <= 9'(base_q);
      a_last_q  <= in_last_i;
      a_final_q <= in_final_i;
    end
    if (!b_stays) begin
      b_left_q  <= in_count_i;
      b_base_q  <= base_q;
      b_last_q  <= in_last_i;
      b_final_q <= in_final_i;
    end
  end

  // vector, a cycle later ---------------------------------------------------------------------------
  logic fire_q;
  lac_cse_take_t take, take_q;

  assign take.fire    = fire;
  assign take.last    = last;
  assign take.final_  = final_;
  assign take.num     = num_a + num_b;
  assign take.a_slot  = a_slot_q;
  assign take.a_en    = go;
  assign take.a_pos   = a_pos_q;
  assign take.b_en    = part;
  assign take.b_start = 9'(b_base_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) fire_q <= 1'b0;
    else fire_q <= fire & ~clr_i;
  end
  always_ff @(posedge clk_i) take_q <= take;

  assign take_o.fire    = fire_q;
  assign take_o.last    = take_q.last;
  assign take_o.final_  = take_q.final_;
  assign take_o.num     = take_q.num;
  assign take_o.a_slot  = take_q.a_slot;
  assign take_o.a_en    = take_q.a_en;
  assign take_o.a_pos   = take_q.a_pos;
  assign take_o.b_en    = take_q.b_en;
  assign take_o.b_start = take_q.b_start;

  logic unused_fire;
  assign unused_fire = take_q.fire;

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_count_i, in_last_i, in_final_i}, clr_i)
  `LAC_ASSERT(b_behind_a, a_valid_q || !b_valid_q, "a window in B, and none in A")
  `LAC_ASSERT(num_range, !fire || take.num <= 5'(Lanes), "more survivors than lanes")
  `LAC_ASSERT(slots_apart, !(a_valid_q && !b_valid_q) || new_slot_q != a_slot_q,
              "a window would enter over A")
  `LAC_ASSERT(slots_in_turn, !(a_valid_q == b_valid_q) || new_slot_q == a_slot_q,
              "slots are not taken in turn")
  `LAC_ASSERT(one_output, !(a_out && a_last_q && b_out), "a vector of two outputs")
  `LAC_ASSERT(b_follows_a, !b_valid_q || b_base_q == LaneLog'(a_pos_q + 9'(a_left_q)),
              "B is not dealt behind A")
  `LAC_COVER(cover_both_go, b_out)
  `LAC_COVER(cover_empty_vector, fire && take.num == '0)
  `LAC_COVER(cover_waits, in_valid_i && !in_ready_o)

endmodule
