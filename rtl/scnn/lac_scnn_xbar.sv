// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_xbar: products of the lanes of a PE to the accumulator banks that they belong to.
//
// Purpose: any number of the products of a step may want one bank. Each lane has a FIFO, each bank
//   a queue, from which it takes one entry a cycle; a bank lets one or two lanes in per cycle, in
//   turn.
// Example, two lanes with a product each for bank 3, XbarGrants 1, turn at lane 1: lane 1 goes in
//   cycle 0, lane 0 in cycle 1; bank 3 takes them in cycles 1 and 2. XbarGrants 2: both go in cycle
//   0.
//
//   step --> lane FIFOs --> rounds of requests, picks per bank --> queues --> bank_*
//
// In a cycle, from registers: the turn begins at lane t mod Lanes in cycle t behind start_i (which
// is cycle 0). A bank has room for min(XbarGrants, BankDepth - level). In round r, 0 to LookAhead -
// 1, every lane that has not been served in this cycle asks for the bank of its entry r (0 is the
// oldest); each bank takes the first ones in turn while its room lasts. What is taken leaves the
// FIFO, those behind move down. A lane with LaneDepth entries takes none, even if one leaves.
// The oldest entry of a lane goes when its lane begins the turn, or a turn later with XbarGrants and
// BankDepth 2; with BankDepth 1 it may lose every turn to a lane that goes on asking for its bank.
// Streams: in_* a step of lanes together: taken when no lane with a product is full; bank_valid_o
// says which banks have an entry: taken at once. in_ready_o depends on in_lane_valid_i and
// registers.
// idle_o: everything is empty. clr_i: everything is dropped.
// Latency 2 cycles to bank_valid_o at least. Throughput 1 product per bank and cycle.
// Parameters:
//   Lanes       4..256, a power of two
//   Banks       8..512, a power of two
//   EntryWidth  3..8
//   DataWidth   2..64
//   LaneDepth   1..8
//   XbarGrants  1..2
//   LookAhead   1..4, at most LaneDepth
//   BankDepth   1..8, at least XbarGrants
// Model: tb/scnn/blocks/reference.py. Source: SCNN (ISCA 2017), figure 7; queues, grants and
//   look-ahead are our own.

`include "lac_assert.svh"

module lac_scnn_xbar #(
  parameter  int Lanes      = 16,
  parameter  int Banks      = 32,
  parameter  int EntryWidth = 5,
  parameter  int DataWidth  = 24,
  parameter  int LaneDepth  = 3,
  parameter  int XbarGrants = 2,
  parameter  int LookAhead  = 1,
  parameter  int BankDepth  = 4,
  localparam int BankWidth  = $clog2(Banks)
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        clr_i,
  input  logic                        start_i,
  // products
  input  logic                        in_valid_i,
  output logic                        in_ready_o,
  input  logic [           Lanes-1:0] in_lane_valid_i,
  input  logic [ Lanes*BankWidth-1:0] in_bank_i,
  input  logic [Lanes*EntryWidth-1:0] in_entry_i,
  input  logic [ Lanes*DataWidth-1:0] in_data_i,
  // heads of the queues
  output logic [           Banks-1:0] bank_valid_o,
  output logic [Banks*EntryWidth-1:0] bank_entry_o,
  output logic [ Banks*DataWidth-1:0] bank_data_o,
  output logic                        idle_o
);

  `LAC_PARAM_RULE(lac_scnn_xbar, Lanes, 4, 256, (Lanes & (Lanes - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_xbar, Banks, 8, 512, (Banks & (Banks - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_xbar, EntryWidth, 3, 8)
  `LAC_PARAM(lac_scnn_xbar, DataWidth, 2, 64)
  `LAC_PARAM(lac_scnn_xbar, LaneDepth, 1, 8)
  `LAC_PARAM(lac_scnn_xbar, XbarGrants, 1, 2)
  `LAC_PARAM_RULE(lac_scnn_xbar, LookAhead, 1, 4, LookAhead <= LaneDepth, "at most LaneDepth")
  `LAC_PARAM_RULE(lac_scnn_xbar, BankDepth, 1, 8, BankDepth >= XbarGrants, "at least XbarGrants")

  localparam int WordWidth = EntryWidth + DataWidth;
  // One entry leaves in every cycle, so that a level of BankDepth is never reached, but from 0 by
  // two at once or with a depth of one.
  localparam int Places = XbarGrants == 1 ? 1 : BankDepth == 2 ? 2 : BankDepth - 1;

  // turn -----------------------------------------------------------------------------------------
  logic [Lanes-1:0] later_q, next_turn;  // lanes from the begin of the turn on

  assign next_turn = later_q << 1;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) later_q <= '1;
    else if (clr_i) later_q <= '1;
    else if (start_i) later_q <= {{(Lanes - 1) {1'b1}}, 1'b0};  // cycle 0 is now
    else later_q <= next_turn == '0 ? '1 : next_turn;
  end

  // lane FIFOs -----------------------------------------------------------------------------------
  logic take;
  logic [Lanes-1:0] full;
  logic [LookAhead*Lanes-1:0] offer;  // entry r of each lane is there
  logic [LookAhead*Lanes-1:0] served;  // entry r of each lane goes
  logic [Lanes-1:0] offer_bank[LookAhead*BankWidth];  // bit by bit: slice k has bit k of all lanes
  logic [WordWidth-1:0] gone[Lanes];  // what goes
  logic [Lanes-1:0] lane_idle;

  assign in_ready_o = (in_lane_valid_i & full) == '0;
  assign take       = in_valid_i & in_ready_o;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    localparam int ItemWidth = BankWidth + WordWidth;
    logic [LaneDepth-1:0] there_q, rest;
    logic [ItemWidth-1:0] in_item;
    logic [LookAhead-1:0] goes;
    logic push;

    assign in_item = {
      in_bank_i[l*BankWidth+:BankWidth],
      in_entry_i[l*EntryWidth+:EntryWidth],
      in_data_i[l*DataWidth+:DataWidth]
    };
    assign push = take & in_lane_valid_i[l];
    assign full[l] = there_q[LaneDepth-1];
    assign lane_idle[l] = ~there_q[0];
    assign rest = goes != '0 ? there_q >> 1 : there_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) there_q <= '0;
      else if (clr_i) there_q <= '0;
      else there_q <= push ? (rest << 1) | LaneDepth'(1) : rest;
    end

    for (genvar p = 0; p < LaneDepth; p++) begin : gen_place
      localparam int Reach = p < LookAhead ? p : LookAhead - 1;
      logic moves;  // an entry at or before this place goes
      logic fills;  // the first free place
      logic [ItemWidth-1:0] item_q, behind;

      assign moves = goes[Reach:0] != '0;
      if (p == 0) begin : gen_first
        assign fills = ~rest[0];
      end else begin : gen_next
        assign fills = ~rest[p] & rest[p-1];
      end
      if (p < LaneDepth - 1) begin : gen_behind
        assign behind = gen_place[p+1].item_q;
      end else begin : gen_last
        assign behind = in_item;
      end
      always_ff @(posedge clk_i) begin
        if (push && fills) item_q <= in_item;
        else if (moves) item_q <= behind;
      end
    end

    for (genvar r = 0; r < LookAhead; r++) begin : gen_offer
      assign offer[r*Lanes+l] = there_q[r];
      for (genvar k = 0; k < BankWidth; k++) begin : gen_bit
        assign offer_bank[r*BankWidth+k][l] = gen_place[r].item_q[WordWidth+k];
      end
      assign goes[r] = served[r*Lanes+l];
    end
    if (LookAhead == 1) begin : gen_head
      assign gone[l] = gen_place[0].item_q[WordWidth-1:0];
    end else begin : gen_choice
      for (genvar r = 0; r < LookAhead; r++) begin : gen_entry
        logic [WordWidth-1:0] chosen;
        if (r == 0) begin : gen_first
          assign chosen = gen_place[r].item_q[WordWidth-1:0];
        end else begin : gen_next
          assign chosen = goes[r] ? gen_place[r].item_q[WordWidth-1:0] : gen_entry[r-1].chosen;
        end
      end
      assign gone[l] = gen_entry[LookAhead-1].chosen;
    end
  end

  // rounds ---------------------------------------------------------------------------------------
  logic [Banks-1:0] bank_idle;
  logic [Lanes-1:0] goes_to[LookAhead*Banks];  // which lanes a bank serves in a round

  // A signal of its own for each round: they depend on each other.
  for (genvar r = 0; r < LookAhead; r++) begin : gen_round
    logic [Lanes-1:0] asks, goes;
    logic [Lanes-1:0] earlier, later;  // served in an earlier round; up to this one

    if (r == 0) begin : gen_first
      assign earlier = '0;
    end else begin : gen_next
      assign earlier = gen_round[r-1].later;
    end
    assign asks  = offer[r*Lanes+:Lanes] & ~earlier;
    assign later = earlier | goes;
    always_comb begin
      goes = '0;
      for (int b = 0; b < Banks; b++) goes = goes | goes_to[r*Banks+b];
    end
    assign served[r*Lanes+:Lanes] = goes;
    if (r == LookAhead - 1) begin : gen_last
      logic unused_later;
      assign unused_later = ^later;
    end
  end

  // banks ----------------------------------------------------------------------------------------
  for (genvar b = 0; b < Banks; b++) begin : gen_bank
    logic [Places-1:0] there_q, rest;
    logic room_one, room_two;  // for one more, for two more in this cycle
    logic [LookAhead*Lanes-1:0] first, second;  // who goes first and second into the queue
    logic [Lanes-1:0] to_first, to_second;
    logic [WordWidth-1:0] word_first, word_second;
    logic push_first, push_second;

    if (XbarGrants == 1) begin : gen_one
      assign room_one = BankDepth > 1 || ~there_q[0];
      assign room_two = 1'b0;
    end else if (BankDepth == 2) begin : gen_both
      assign room_one = ~there_q[1];
      assign room_two = ~there_q[0];
    end else begin : gen_two
      assign room_one = 1'b1;
      assign room_two = ~there_q[Places-1];
    end

    for (genvar r = 0; r < LookAhead; r++) begin : gen_turn
      logic [Lanes-1:0] req, win_first, win_second, goes_first, goes_second;
      logic one, two;
      logic one_left, two_left;  // room at the begin of the round
      logic none_yet;  // nothing has been taken before the round

      if (r == 0) begin : gen_first
        assign one_left = room_one;
        assign two_left = room_two;
        assign none_yet = 1'b1;
      end else begin : gen_next
        assign one_left = (gen_turn[r-1].one_left & ~gen_turn[r-1].one)
            | (gen_turn[r-1].two_left & ~gen_turn[r-1].two);
        assign two_left = gen_turn[r-1].two_left & ~gen_turn[r-1].one;
        assign none_yet = gen_turn[r-1].none_yet & ~(gen_turn[r-1].one & gen_turn[r-1].one_left);
      end

      always_comb begin
        req = gen_round[r].asks;
        for (int k = 0; k < BankWidth; k++) begin
          req = req & (((b >> k) & 1) == 1 ? offer_bank[r*BankWidth+k] :
                                             ~offer_bank[r*BankWidth+k]);
        end
      end
      assign goes_to[r*Banks+b] = goes_first | goes_second;
      lac_scnn_pick #(
        .Width(Lanes)
      ) u_pick (
        .req_i   (req),
        .later_i (later_q),
        .first_o (win_first),
        .second_o(win_second),
        .one_o   (one),
        .two_o   (two)
      );
      assign goes_first = win_first & {Lanes{one_left}};
      assign goes_second = win_second & {Lanes{two_left}};
      assign first[r*Lanes+:Lanes] = goes_first & {Lanes{none_yet}};
      assign second[r*Lanes+:Lanes] = none_yet ? goes_second : goes_first;
      if (r == LookAhead - 1) begin : gen_last
        logic unused_more;
        assign unused_more = one ^ two;
      end
    end

    if (LookAhead == 1) begin : gen_heads
      assign to_first  = first;
      assign to_second = second;
    end else begin : gen_any
      always_comb begin
        to_first  = '0;
        to_second = '0;
        for (int r = 0; r < LookAhead; r++) begin
          to_first  = to_first | first[r*Lanes+:Lanes];
          to_second = to_second | second[r*Lanes+:Lanes];
        end
      end
    end

    assign push_first  = to_first != '0;
    assign push_second = to_second != '0;
    // Any word where none is taken.
    always_comb begin
      word_first = 'x;
      if (push_first) begin
        word_first = '0;
        for (int l = 0; l < Lanes; l++) begin
          word_first = word_first | (gone[l] & {WordWidth{to_first[l]}});
        end
      end
    end
    always_comb begin
      word_second = 'x;
      if (push_second) begin
        word_second = '0;
        for (int l = 0; l < Lanes; l++) begin
          word_second = word_second | (gone[l] & {WordWidth{to_second[l]}});
        end
      end
    end

    // The oldest leaves in every cycle.
    assign rest = there_q >> 1;
    assign bank_idle[b] = ~there_q[0];
    assign bank_valid_o[b] = there_q[0];
    assign bank_entry_o[b*EntryWidth+:EntryWidth] = gen_place[0].item_q[DataWidth+:EntryWidth];
    assign bank_data_o[b*DataWidth+:DataWidth] = gen_place[0].item_q[DataWidth-1:0];

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) there_q <= '0;
      else if (clr_i) there_q <= '0;
      else if (push_second) there_q <= (rest << 2) | Places'(3);
      else if (push_first) there_q <= (rest << 1) | Places'(1);
      else there_q <= rest;
    end

    for (genvar p = 0; p < Places; p++) begin : gen_place
      logic fills_first, fills_second;
      logic [WordWidth-1:0] item_q, behind;
      if (p < Places - 1) begin : gen_shift
        assign behind = gen_place[p+1].item_q;
      end else begin : gen_last
        assign behind = word_first;
      end
      if (p == 0) begin : gen_first
        assign fills_first  = ~rest[0];
        assign fills_second = 1'b0;
      end else if (p == 1) begin : gen_next
        assign fills_first  = ~rest[1] & rest[0];
        assign fills_second = ~rest[0];
      end else begin : gen_behind
        assign fills_first  = ~rest[p] & rest[p-1];
        assign fills_second = ~rest[p-1] & rest[p-2];
      end
      always_ff @(posedge clk_i) begin
        if (rest[p]) item_q <= behind;
        else if (fills_first && push_first) item_q <= word_first;
        else if (fills_second && push_second) item_q <= word_second;
      end
    end
    `LAC_ASSERT(no_holes, ((there_q + Places'(1)) & there_q) == '0, "a hole in a queue")
    `LAC_ASSERT(one_each, $onehot0(to_first) && $onehot0(to_second), "two lanes in one place")
    `LAC_ASSERT(two_lanes, (to_first & to_second) == '0, "a lane twice")
    `LAC_ASSERT(second_behind_first, !push_second || push_first, "a second without a first")
    `LAC_COVER(cover_full, there_q[Places-1])
    `LAC_COVER(cover_no_room, gen_turn[0].req != '0 && !room_one)
  end

  assign idle_o = (lane_idle == '1) & (bank_idle == '1);

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_lane_valid_i, in_bank_i, in_entry_i, in_data_i},
                  clr_i)
  `LAC_ASSERT(turn_there, later_q != '0, "no lane is the first")
  `LAC_ASSERT(idle_is_empty, !idle_o || (offer == '0 && bank_valid_o == '0), "idle with products")
  `LAC_ASSERT(served_was_there, (served & ~offer) == '0, "an entry goes that is not there")
  `LAC_COVER(cover_waits, in_valid_i && !in_ready_o)
  `LAC_COVER(cover_all_lanes, take && in_lane_valid_i == '1)

endmodule
