// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_map: bank and entry of an accumulator.
//
// Purpose: channel k and position L of the accumulator tile to the place where its sum is: channels
//   spread over four quarters of the banks and over the entries, positions over the banks of one.
// Example, Banks 32, Entries 32, map 0, Kc 8 (shift_i 4), k 5, L 9: quarter 1, (9 + 3) mod 8 = 4: bank
//   12, entry 16 + 1.
//
// shift_i: log2 of the entries of four channels, log2(Entries) + 2 - log2(Kc).
// Combinational. BankMap 0: L + 3*(k/4); 1: L; 2: L xor L/(banks of a quarter) xor 3*(k/4).
// Parameters:
//   Banks    8..512, a power of two
//   Entries  8..256, a power of two
//   MaxKc    4..64, a power of two
//   BankMap  0..2
// Model: models/scnn. Source: the project's study of maps (README.md beside this).

`include "lac_assert.svh"

module lac_scnn_map #(
  parameter  int Banks      = 32,
  parameter  int Entries    = 32,
  parameter  int MaxKc      = 64,
  parameter  int BankMap    = 0,
  localparam int BankWidth  = $clog2(Banks),
  localparam int EntryWidth = $clog2(Entries),
  localparam int LinWidth   = BankWidth - 2 + EntryWidth,
  localparam int KWidth     = $clog2(MaxKc)
) (
  input  logic [           3:0] shift_i,
  input  logic [    KWidth-1:0] k_i,
  input  logic [  LinWidth-1:0] lin_i,
  output logic [ BankWidth-1:0] bank_o,
  output logic [EntryWidth-1:0] entry_o
);

  `LAC_PARAM_RULE(lac_scnn_map, Banks, 8, 512, (Banks & (Banks - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_map, Entries, 8, 256, (Entries & (Entries - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_map, MaxKc, 4, 64, (MaxKc & (MaxKc - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_map, BankMap, 0, 2)

  localparam int MapWidth = BankWidth - 2;

  logic [3:0] m;
  logic [MapWidth-1:0] skew, place;

  assign m = 4'(k_i >> 2);
  assign skew = MapWidth'(m) + MapWidth'({m, 1'b0});

  if (BankMap == 0) begin : gen_sum
    assign place = MapWidth'(lin_i) + skew;
  end else if (BankMap == 1) begin : gen_modulo
    assign place = MapWidth'(lin_i);
  end else begin : gen_xor
    assign place = MapWidth'(lin_i) ^ MapWidth'(lin_i >> MapWidth) ^ skew;
  end

  assign bank_o  = {k_i[1:0], place};
  // The casts drop what a legal geometry has not.
  assign entry_o = EntryWidth'(32'(m) << shift_i) + EntryWidth'(lin_i >> MapWidth);

endmodule
