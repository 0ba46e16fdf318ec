// SPDX-License-Identifier: Apache-2.0
//
// Pick of Cambricon-SE: which position of which window each lane takes, and the number of its code.
//
//   windows, as they enter: need, numbers of survivors, numbers of codes -> two slots
//   take_i -> lane, row of each position matched -> position, rank, slot of each lane
//
// Survivor s of a window has place base + s; that modulo Lanes is its lane, the rest its row. So the survivors
// that a vector takes of A are in lanes of their own: each lane takes its next one of A, or if A has none for
// it, its first one of B. in_* is the window that entered in the cycle before.
// Latency: take_i to out_* 1 cycle; a window can be taken from in the cycle behind in_valid_i.
// Throughput: a vector and a window per cycle.
// Parameters:
//   Window   8..256, a power of two
//   Lanes    2..16, 2, 4, 8 or 16
//   CodeRow  4..256
// Model: models/cambricon_se clock.

`include "lac_assert.svh"

module lac_cse_pick
  import lac_cse_pkg::*;
#(
  parameter  int Window   = 128,
  parameter  int Lanes    = 16,
  parameter  int CodeRow  = 64,
  localparam int PosBits  = $clog2(Window),
  localparam int RankBits = $clog2(CodeRow),
  localparam int LaneLog  = $clog2(Lanes)
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic                               clr_i,
  input  logic                               in_valid_i,
  input  logic                               in_slot_i,
  input  logic          [       LaneLog-1:0] in_base_i,
  input  logic          [        Window-1:0] in_need_i,
  input  logic          [PosBits*Window-1:0] in_num_i,     // of survivors, by bits
  input  logic          [PosBits*Window-1:0] in_rank_i,    // of codes, by bits
  input  lac_cse_take_t                      take_i,
  output logic                               out_fire_o,
  output logic                               out_last_o,
  output logic                               out_final_o,
  output logic          [         Lanes-1:0] out_valid_o,
  output logic          [         Lanes-1:0] out_slot_o,
  output logic          [ Lanes*PosBits-1:0] out_pos_o,
  output logic          [Lanes*RankBits-1:0] out_rank_o
);

  `LAC_PARAM_RULE(lac_cse_pick, Window, 8, 256, (Window & (Window - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_cse_pick, Lanes, 2, 16,
                  Lanes == 2 || Lanes == 4 || Lanes == 8 || Lanes == 16, "2, 4, 8 or 16")
  `LAC_PARAM(lac_cse_pick, CodeRow, 4, 256)

  localparam int PlaceBits = $clog2(Window + Lanes);
  localparam int RowBits = PlaceBits - LaneLog;

  // places of the window that comes: numbers + base, bit by bit -----------------------------------
  for (genvar b = 0; b < PlaceBits; b++) begin : gen_place
    logic [Window-1:0] num, base, sum, carry_in, carry;
    if (b < PosBits) begin : gen_num
      assign num = in_num_i[b*Window+:Window];
    end else begin : gen_no_num
      assign num = '0;
    end
    if (b < LaneLog) begin : gen_base
      assign base = {Window{in_base_i[b]}};
    end else begin : gen_no_base
      assign base = '0;
    end
    if (b == 0) begin : gen_low
      assign carry_in = '0;
    end else begin : gen_high
      assign carry_in = gen_place[b-1].carry;
    end
    assign sum   = num ^ base ^ carry_in;
    assign carry = (num & base) | ((num | base) & carry_in);
  end
  logic unused_carry;
  assign unused_carry = ^gen_place[PlaceBits-1].carry;

  // slots -----------------------------------------------------------------------------------------
  for (genvar s = 0; s < 2; s++) begin : gen_slot
    logic load, is_a, en;
    logic [Window-1:0] need_q, row_low, row_high;
    logic [RankBits*Window-1:0] rank_q;
    logic [PlaceBits*Window-1:0] place_q;
    logic [8:0] pos;
    logic [RowBits-1:0] row;
    logic [4:0] start;

    assign load = in_valid_i & (in_slot_i == 1'(s));
    always_ff @(posedge clk_i) begin
      if (load) begin
        need_q <= in_need_i;
        rank_q <= in_rank_i[RankBits*Window-1:0];
      end
    end
    for (genvar b = 0; b < PlaceBits; b++) begin : gen_bit
      always_ff @(posedge clk_i) if (load) place_q[b*Window+:Window] <= gen_place[b].sum;
    end

    // Survivors of the row of its first one, and of the row behind it.
    assign is_a = take_i.a_slot == 1'(s);
    assign en = is_a ? take_i.a_en : take_i.b_en;
    assign pos = is_a ? take_i.a_pos : take_i.b_start;
    assign row = pos[PlaceBits-1:LaneLog];
    assign start = 5'(pos[LaneLog-1:0]);

    for (genvar b = 0; b < RowBits; b++) begin : gen_row
      logic [Window-1:0] low, high, bits;
      logic next;
      assign bits = place_q[(LaneLog+b)*Window+:Window];
      // Bit b of row + 1.
      if (b == 0) begin : gen_first
        assign next = ~row[0];
        assign low  = bits ^ {Window{~row[0]}};
        assign high = bits ^ {Window{~next}};
      end else begin : gen_next
        assign next = row[b] ^ (&row[b-1:0]);
        assign low  = gen_row[b-1].low & (bits ^ {Window{~row[b]}});
        assign high = gen_row[b-1].high & (bits ^ {Window{~next}});
      end
    end
    assign row_low  = en ? need_q & gen_row[RowBits-1].low : '0;
    assign row_high = en ? need_q & gen_row[RowBits-1].high : '0;
  end

  // lanes -----------------------------------------------------------------------------------------
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [Window-1:0] hit_0, hit_1, got_0, got_1;
    logic any_0, any_1, use_0, use_1;

    for (genvar b = 0; b < LaneLog; b++) begin : gen_match
      logic [Window-1:0] mine_0, mine_1;
      if (((l >> b) & 1) == 1) begin : gen_one
        assign mine_0 = gen_slot[0].place_q[b*Window+:Window];
        assign mine_1 = gen_slot[1].place_q[b*Window+:Window];
      end else begin : gen_zero
        assign mine_0 = ~gen_slot[0].place_q[b*Window+:Window];
        assign mine_1 = ~gen_slot[1].place_q[b*Window+:Window];
      end
      logic [Window-1:0] all_0, all_1;
      if (b == 0) begin : gen_first
        assign all_0 = mine_0;
        assign all_1 = mine_1;
      end else begin : gen_next
        assign all_0 = gen_match[b-1].all_0 & mine_0;
        assign all_1 = gen_match[b-1].all_1 & mine_1;
      end
    end

    assign hit_0 = gen_match[LaneLog-1].all_0
        & (5'(l) < gen_slot[0].start ? gen_slot[0].row_high : gen_slot[0].row_low);
    assign hit_1 = gen_match[LaneLog-1].all_1
        & (5'(l) < gen_slot[1].start ? gen_slot[1].row_high : gen_slot[1].row_low);
    assign any_0 = |hit_0;
    assign any_1 = |hit_1;
    assign use_0 = any_0 & (gen_slot[0].is_a | ~any_1);
    assign use_1 = any_1 & (gen_slot[1].is_a | ~any_0);
    assign got_0 = use_0 ? hit_0 : '0;
    assign got_1 = use_1 ? hit_1 : '0;

    logic [ PosBits-1:0] pos;
    logic [RankBits-1:0] rank;
    for (genvar b = 0; b < PosBits; b++) begin : gen_pos
      logic [Window-1:0] odd;
      for (genvar i = 0; i < Window; i++) begin : gen_odd
        assign odd[i] = ((i >> b) & 1) == 1;
      end
      assign pos[b] = |((got_0 | got_1) & odd);
    end
    for (genvar b = 0; b < RankBits; b++) begin : gen_rank
      assign rank[b] = |((got_0 & gen_slot[0].rank_q[b*Window+:Window])
                         | (got_1 & gen_slot[1].rank_q[b*Window+:Window]));
    end

    always_ff @(posedge clk_i) begin
      out_valid_o[l]                   <= use_0 | use_1;
      out_slot_o[l]                    <= use_1;
      out_pos_o[l*PosBits+:PosBits]    <= pos;
      out_rank_o[l*RankBits+:RankBits] <= rank;
    end
  end

  logic [4:0] num_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) out_fire_o <= 1'b0;
    else out_fire_o <= take_i.fire & ~clr_i;
  end
  always_ff @(posedge clk_i) begin
    out_last_o  <= take_i.last;
    out_final_o <= take_i.final_;
    num_q       <= take_i.num;
  end

  // Ranks of a mask with more bits than codes have no meaning; of a place, low bits are a lane's.
  logic unused_bits;
  assign unused_bits = ^{in_rank_i, num_q, gen_slot[0].pos, gen_slot[1].pos};

  `LAC_ASSERT(lanes_as_told, !out_fire_o || clr_i || 5'($countones(out_valid_o)) == num_q,
              "lanes take another number of survivors than was told")

endmodule
