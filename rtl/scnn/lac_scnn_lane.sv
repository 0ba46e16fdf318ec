// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_lane: one multiplier of a PE, and where its product goes.
//
// Purpose: product = weight * activation, and the accumulator that it belongs to: bank and entry,
//   from the position of the activation, the offset of the weight and its output channel k.
// Example, Banks 32, Entries 32, Kc 8 (shift_i 4), BankMap 0: pos 21, off 3, k 5 -> L 24, m = k >>
//   2 = 1: bank (5 mod 4) * 8 + (24 + 3) mod 8 = 11, entry 1 * 16 + 24 / 8 = 19.
//
//   operands --> P1 --> multiply, place --> P2 --> out
//
// L = pos + off; bank and entry of (k, L) as lac_scnn_map says, which has shift_i too.
// en_i: which of the two stages takes. k_o and lin_o belong to the first, the others to the second.
// Latency 2 cycles. Throughput 1 product per cycle.
// Parameters:
//   Banks    8..512, a power of two
//   Entries  8..256, a power of two
//   MaxKc    4..64, a power of two
//   BankMap  0..2
// Model: tb/scnn/blocks/reference.py. Source: SCNN (ISCA 2017), section IV; the maps are our own.

`include "lac_assert.svh"

module lac_scnn_lane #(
  parameter  int Banks      = 32,
  parameter  int Entries    = 32,
  parameter  int MaxKc      = 64,
  parameter  int BankMap    = 0,
  localparam int KWidth     = $clog2(MaxKc),
  localparam int LinWidth   = $clog2(Banks / 4 * Entries),
  localparam int BankWidth  = $clog2(Banks),
  localparam int EntryWidth = $clog2(Entries)
) (
  input  logic                  clk_i,
  input  logic [           1:0] en_i,
  input  logic [           3:0] shift_i,
  // operands
  input  logic [    KWidth-1:0] k_i,
  input  logic [  LinWidth-1:0] off_i,
  input  logic [          15:0] wgt_i,
  input  logic [  LinWidth-1:0] pos_i,
  input  logic [          15:0] act_i,
  // P1
  output logic [    KWidth-1:0] k_o,
  output logic [  LinWidth-1:0] lin_o,
  // P2
  output logic [ BankWidth-1:0] bank_o,
  output logic [EntryWidth-1:0] entry_o,
  output logic [          31:0] product_o
);

  `LAC_PARAM_RULE(lac_scnn_lane, Banks, 8, 512, (Banks & (Banks - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_lane, Entries, 8, 256, (Entries & (Entries - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_lane, MaxKc, 4, 64, (MaxKc & (MaxKc - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_lane, BankMap, 0, 2)

  logic [KWidth-1:0] k_q;
  logic [LinWidth-1:0] off_q, pos_q;
  logic signed [15:0] wgt_q, act_q;
  logic [ BankWidth-1:0] bank;
  logic [EntryWidth-1:0] entry;

  always_ff @(posedge clk_i) begin
    if (en_i[0]) begin
      k_q   <= k_i;
      off_q <= off_i;
      wgt_q <= wgt_i;
      pos_q <= pos_i;
      act_q <= act_i;
    end
  end

  assign k_o   = k_q;
  assign lin_o = pos_q + off_q;

  lac_scnn_map #(
    .Banks  (Banks),
    .Entries(Entries),
    .MaxKc  (MaxKc),
    .BankMap(BankMap)
  ) u_map (
    .shift_i,
    .k_i    (k_q),
    .lin_i  (lin_o),
    .bank_o (bank),
    .entry_o(entry)
  );

  always_ff @(posedge clk_i) begin
    if (en_i[1]) begin
      product_o <= wgt_q * act_q;
      bank_o    <= bank;
      entry_o   <= entry;
    end
  end

  `LAC_ASSERT_CLK(shift_range, !en_i[1] || 32'(shift_i) <= 32'(EntryWidth),
                  "a group that the banks cannot hold")

endmodule
