// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_scnn_xbar: each product leaves once, unchanged, at its bank, within Longest cycles.
//
// One product of any lane, taken at any time, has a mark that no other has: bit 0 of the data,
// which the crossbar does not look at. Since it may be any, what holds for it holds for all.
//
// How long it takes at most: its lane begins the turn every Lanes cycles, and then its oldest entry
// goes, whoever else asks, if its bank has room for one; the bank's queue moves every cycle.
//
//   age_q + places before it in the lane * Lanes + cycles to the turn + places of the bank's queue
//
// never grows where a bank always has room (BankDepth above XbarGrants). Two grants and two places:
// a bank that was empty can lack room for one cycle, and then no more while somebody asks, so that
// each entry that becomes the oldest may lose one turn (Turns 2). One grant and one place (Fair 0):
// room comes every second cycle, and so does the turn of every second lane; between two lanes that
// go on asking for one bank one can lose every turn, which cover_starves shows.
//
// The header of lac_scnn_xbar says what is assumed: a step waits unchanged, a pass starts when
// nothing is inside.

`include "lac_prove.svh"

module lac_prove_scnn_xbar #(
  parameter int Lanes = 4,
  parameter int Banks = 8,
  parameter int EntryWidth = 3,
  parameter int DataWidth = 2,
  parameter int LaneDepth = 2,
  parameter int XbarGrants = 2,
  parameter int LookAhead = 1,
  parameter int BankDepth = 4,
  localparam int Fair = BankDepth > 1 ? 1 : 0,
  localparam int Turns = BankDepth > XbarGrants ? 1 : 2,  // for the oldest of a lane, at most
  localparam int Places = XbarGrants == 1 ? 1 : BankDepth == 2 ? 2 : BankDepth - 1,
  localparam int Longest = Turns * LaneDepth * Lanes + Places,
  localparam int BankWidth = $clog2(Banks),
  localparam int LaneWidth = $clog2(Lanes),
  localparam int AgeWidth = $clog2(2 * Longest + 2),
  localparam int StepWidth = Lanes * (1 + BankWidth + EntryWidth + DataWidth)
) (
  input logic                        clk_i,
  input logic                        rst_ni,
  input logic                        clr_i,
  input logic                        start_i,
  input logic                        pick_i,
  input logic                        in_valid_i,
  input logic [           Lanes-1:0] in_lane_valid_i,
  input logic [ Lanes*BankWidth-1:0] in_bank_i,
  input logic [Lanes*EntryWidth-1:0] in_entry_i,
  input logic [ Lanes*DataWidth-1:0] in_data_i
);

  logic in_ready, idle;
  logic [Banks-1:0] bank_valid;
  logic [Banks*EntryWidth-1:0] bank_entry;
  logic [Banks*DataWidth-1:0] bank_data;
  logic [StepWidth-1:0] step;

  lac_scnn_xbar #(
    .Lanes     (Lanes),
    .Banks     (Banks),
    .EntryWidth(EntryWidth),
    .DataWidth (DataWidth),
    .LaneDepth (LaneDepth),
    .XbarGrants(XbarGrants),
    .LookAhead (LookAhead),
    .BankDepth (BankDepth)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .clr_i,
    .start_i,
    .in_valid_i,
    .in_ready_o  (in_ready),
    .in_lane_valid_i,
    .in_bank_i,
    .in_entry_i,
    .in_data_i,
    .bank_valid_o(bank_valid),
    .bank_entry_o(bank_entry),
    .bank_data_o (bank_data),
    .idle_o      (idle)
  );

  `LAC_CONSTANT(logic [LaneWidth-1:0], lane)
  logic came_q, inside_q, comes;
  logic [BankWidth-1:0] bank_q;
  logic [EntryWidth-1:0] entry_q;
  logic [DataWidth-1:0] data_q;
  logic [AgeWidth-1:0] age_q;
  logic [Banks-1:0] leaves;  // the marked product, by bank

  assign step  = {in_lane_valid_i, in_bank_i, in_entry_i, in_data_i};
  assign comes = in_valid_i && in_ready && in_lane_valid_i[lane] && pick_i && !came_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      came_q   <= 1'b0;
      inside_q <= 1'b0;
      age_q    <= '0;
    end else if (clr_i) begin
      came_q   <= 1'b0;
      inside_q <= 1'b0;
      age_q    <= '0;
    end else begin
      came_q   <= came_q || comes;
      inside_q <= comes || (inside_q && leaves == '0);
      if (!inside_q || leaves != '0) age_q <= '0;
      else if (age_q != '1) age_q <= age_q + AgeWidth'(1);
    end
  end
  always_ff @(posedge clk_i) begin
    if (comes) begin
      bank_q  <= in_bank_i[lane*BankWidth+:BankWidth];
      entry_q <= in_entry_i[lane*EntryWidth+:EntryWidth];
      data_q  <= in_data_i[lane*DataWidth+:DataWidth];
    end
  end

  `LAC_PROVE_RESET
  `LAC_ASSUME_STREAM_CLR(in_valid_i, in_ready, step, clr_i)
  `LAC_ASSUME(!start_i || idle)
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    `LAC_ASSUME(in_data_i[l*DataWidth] == (pick_i && !came_q && lane == LaneWidth'(l)))
  end

  for (genvar b = 0; b < Banks; b++) begin : gen_bank
    assign leaves[b] = bank_valid[b] && bank_data[b*DataWidth];
    `LAC_ASSERT(unchanged,
                !leaves[b] || (bank_q == BankWidth'(b)
                && bank_entry[b*EntryWidth+:EntryWidth] == entry_q
                && bank_data[b*DataWidth+:DataWidth] == data_q),
                "it leaves changed, or elsewhere")
  end
  `LAC_ASSERT(once, leaves == '0 || inside_q, "it leaves twice, or was not there")
  `LAC_ASSERT(one_bank, $onehot0(leaves), "it leaves at two banks")
  // Where it is, and how far it still has to go at most.
  logic [Lanes*LaneDepth-1:0] in_lane;
  logic [Banks*Places-1:0] in_bank;
  int far_of[Lanes*LaneDepth+Banks*Places+1];
  int far;
  int wait_of[Lanes];
  logic [Banks-1:0] one_inside;
  logic [LaneWidth-1:0] turn;  // cycles until the lane begins the turn
  logic [Lanes-1:0] passed;  // lanes behind those from the begin of the turn on

  assign passed = ~u_dut.later_q;
  assign turn = lane + LaneWidth'($countones(u_dut.later_q));
  assign far_of[0] = 0;
  assign far = far_of[Lanes*LaneDepth+Banks*Places];
  for (genvar l = 0; l < Lanes; l++) begin : gen_in_lane
    logic [BankWidth-1:0] wants;
    `LAC_ASSERT(lane_no_holes,
                ((u_dut.gen_lane[l].there_q + LaneDepth'(1)) & u_dut.gen_lane[l].there_q) == '0,
                "a hole in a lane")
    // Of its oldest entry. A bank with one entry has room, and has one again when it is asked.
    assign wants = u_dut.gen_lane[l].gen_place[0].item_q[DataWidth+EntryWidth+:BankWidth];
    assign wait_of[l] = int'(turn) + Places + (Turns == 1 || one_inside[wants] ? 0 : Lanes);
    for (genvar p = 0; p < LaneDepth; p++) begin : gen_place
      localparam int At = l * LaneDepth + p;
      assign in_lane[At] = u_dut.gen_lane[l].there_q[p] && u_dut.gen_lane[l].gen_place[p].item_q[0];
      assign far_of[At+1] = far_of[At] + (in_lane[At] ? p * Turns * Lanes + wait_of[l] : 0);
      `LAC_ASSERT(lane_keeps,
                  !in_lane[At] || (lane == LaneWidth'(l)
                  && u_dut.gen_lane[l].gen_place[p].item_q == {bank_q, entry_q, data_q}),
                  "it changes in its lane, or is in another")
    end
  end
  for (genvar b = 0; b < Banks; b++) begin : gen_in_bank
    assign one_inside[b] = u_dut.gen_bank[b].there_q == Places'(1);
    for (genvar p = 0; p < Places; p++) begin : gen_place
      localparam int At = b * Places + p;
      localparam int Sum = Lanes * LaneDepth + At;
      assign in_bank[At] = u_dut.gen_bank[b].there_q[p] && u_dut.gen_bank[b].gen_place[p].item_q[0];
      assign far_of[Sum+1] = far_of[Sum] + (in_bank[At] ? p : 0);
      `LAC_ASSERT(bank_keeps,
                  !in_bank[At] || (bank_q == BankWidth'(b)
                  && u_dut.gen_bank[b].gen_place[p].item_q == {entry_q, data_q}),
                  "it changes in its queue, or is in another")
    end
  end
  `LAC_ASSERT(in_one_place, $countones({in_lane, in_bank}) == int'(inside_q), "lost, or doubled")
  `LAC_ASSERT(came_before, !inside_q || came_q, "it is inside and did not come")
  `LAC_ASSERT(turn_of_one, (passed & (passed + Lanes'(1))) == '0, "no turn")
  if (Fair != 0) begin : gen_fair
    `LAC_ASSERT(no_starvation, !inside_q || int'(age_q) + far < Longest, "it waits for longer")
  end
  if (Fair == 0) begin : gen_starves
    `LAC_COVER(cover_starves, inside_q && int'(age_q) > 4 * Lanes)
  end
  `LAC_ASSERT(not_idle, !inside_q || !idle, "idle with a product inside")
  `LAC_COVER(cover_leaves, leaves != '0)
  `LAC_COVER(cover_waits, inside_q && int'(age_q) > Lanes)

endmodule
