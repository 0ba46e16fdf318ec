// SPDX-License-Identifier: Apache-2.0
//
// Packed selector of Cambricon-SE: survivors of two windows together, up to Lanes in a vector.
//
//   need_i -> lac_cse_count -> numbers, how many -> lac_cse_places -> lac_cse_pick -> position, rank, slot of each lane
//
// need_i is registered and counted with en_i; its window is offered in the cycle behind. rank_i are the
// numbers of its codes, there with it; OwnRanks: every position of a mask survives, its number is that of its
// code.
// Streams: in. Latency: in to fire_o 2 cycles, to out_* 3. Throughput: a window and a vector per cycle.
// Parameters:
//   Window    8..256, a power of two
//   Lanes     2..16, 2, 4, 8 or 16
//   CodeRow   4..256
//   OwnRanks  any
// Model: models/cambricon_se clock.

`include "lac_assert.svh"

module lac_cse_packed
  import lac_cse_pkg::*;
#(
  parameter  int Window   = 128,
  parameter  int Lanes    = 16,
  parameter  int CodeRow  = 64,
  parameter  bit OwnRanks = 0,
  localparam int PosBits  = $clog2(Window),
  localparam int RankBits = $clog2(CodeRow),
  localparam int SumWidth = PosBits + 1,
  localparam int LaneLog  = $clog2(Lanes)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      clr_i,
  input  logic                      hold_i,       // nothing is taken
  input  logic                      en_i,
  input  logic [        Window-1:0] need_i,
  input  logic                      in_valid_i,
  output logic                      in_ready_o,
  input  logic                      in_last_i,
  input  logic                      in_final_i,
  input  logic [PosBits*Window-1:0] rank_i,       // by bits
  output logic                      in_none_o,    // it has no survivor
  output logic                      slot_o,       // of the window that entered a cycle before
  output logic                      ends_o,       // an output ends in this cycle
  output logic                      fire_o,       // a vector was decided a cycle before
  output logic                      final_o,      // the last one of the core's pass
  output logic                      out_fire_o,
  output logic                      out_last_o,
  output logic                      out_final_o,
  output logic [         Lanes-1:0] out_valid_o,
  output logic [         Lanes-1:0] out_slot_o,
  output logic [ Lanes*PosBits-1:0] out_pos_o,
  output logic [Lanes*RankBits-1:0] out_rank_o
);

  `LAC_PARAM_RULE(lac_cse_packed, Window, 8, 256, (Window & (Window - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_cse_packed, Lanes, 2, 16,
                  Lanes == 2 || Lanes == 4 || Lanes == 8 || Lanes == 16, "2, 4, 8 or 16")
  `LAC_PARAM(lac_cse_packed, CodeRow, 4, 256)

  logic [Window-1:0] need_q, entered_need_q;
  logic [PosBits*Window-1:0] num, rank, entered_num_q, entered_rank_q;
  logic [SumWidth-1:0] count;
  logic [LaneLog-1:0] base, entered_base_q;
  logic slot, enter, entered_q, entered_slot_q;

  lac_cse_take_t take;
  assign fire_o    = take.fire;
  assign final_o   = take.fire & take.final_;
  assign enter     = in_valid_i & in_ready_o;
  assign in_none_o = count == '0;
  assign slot_o    = entered_slot_q;

  always_ff @(posedge clk_i) if (en_i) need_q <= need_i;

  lac_cse_count #(
    .Width(Window)
  ) u_count (
    .clk_i,
    .en_i,
    .bits_i (need_i),
    .num_o  (num),
    .total_o(count)
  );
  if (OwnRanks) begin : gen_own
    logic unused_rank;
    assign unused_rank = ^rank_i;
    assign rank        = num;
  end else begin : gen_shared
    assign rank = rank_i;
  end

  lac_cse_places #(
    .Window(Window),
    .Lanes (Lanes)
  ) u_places (
    .clk_i,
    .rst_ni,
    .clr_i,
    .hold_i,
    .in_valid_i,
    .in_ready_o,
    .in_count_i(count),
    .in_last_i,
    .in_final_i,
    .in_base_o (base),
    .in_slot_o (slot),
    .ends_o,
    .take_o    (take)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) entered_q <= 1'b0;
    else entered_q <= enter & ~clr_i;
  end
  always_ff @(posedge clk_i) begin
    if (enter) begin
      entered_need_q <= need_q;
      entered_num_q  <= num;
      entered_rank_q <= rank;
      entered_base_q <= base;
      entered_slot_q <= slot;
    end
  end

  lac_cse_pick #(
    .Window (Window),
    .Lanes  (Lanes),
    .CodeRow(CodeRow)
  ) u_pick (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i(entered_q),
    .in_slot_i (entered_slot_q),
    .in_base_i (entered_base_q),
    .in_need_i (entered_need_q),
    .in_num_i  (entered_num_q),
    .in_rank_i (entered_rank_q),
    .take_i    (take),
    .out_fire_o,
    .out_last_o,
    .out_final_o,
    .out_valid_o,
    .out_slot_o,
    .out_pos_o,
    .out_rank_o
  );

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_last_i, in_final_i, rank_i}, clr_i)
  `LAC_ASSERT(counted, !in_valid_i || 32'(count) == $countones(need_q), "survivors are miscounted")
  `LAC_ASSERT(first_after_enter, !entered_q || ($past(enter) && !$past(clr_i)),
              "a window that did not enter")
  `LAC_COVER(cover_all, in_valid_i && (&need_q))

endmodule
