// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_axis: the class of a position of the accumulator tile, for every column (or row) of PEs.
//
// Purpose: of position pos of the accumulator tile of PE p, coordinate e = p * tile + pos of the
// chip tile:
//   own   behind the halo exchange the sum is in this PE: pos in [halo, halo + tile), at the
//         rims of the grid also what is past it
//   fin   fin0 <= e < fin1;  cout  fin0 <= e < cout1;  cin  e < cin1
//
// Example, 2 PEs, tile 4, halo 1, fin0 1, fin1 8: pos 0 is own of PE 0 only, pos 5 of PE 1 only.
// Latency 1 cycle. pos may change every cycle; the rest stays from Num cycles before on.
// Parameters:
//   Num  1..16
// Model: the contract's rule in the bench. Source: the project's temporal tiles.

`include "lac_assert.svh"

module lac_scnn_axis
  import lac_scnn_ppu_pkg::*;
#(
  parameter int Num = 8
) (
  input  logic             clk_i,
  input  logic [      7:0] tile_i,
  input  logic [      3:0] halo_i,   // on the low side
  input  logic [     15:0] fin0_i,
  input  logic [     15:0] fin1_i,
  input  logic [     15:0] cin1_i,
  input  logic [     15:0] cout1_i,
  input  logic [      8:0] pos_i,
  output logic [Num*4-1:0] class_o   // lac_scnn_class_t of each, PE 0 lowest
);

  `LAC_PARAM(lac_scnn_axis, Num, 1, 16)

  logic above, below;  // past the halo on the low side, before that on the high side
  assign above = pos_i >= 9'(halo_i);
  assign below = pos_i < 9'(tile_i) + 9'(halo_i);

  for (genvar p = 0; p < Num; p++) begin : gen_pe
    logic [15:0] base_q, e;
    lac_scnn_class_t found, found_q;

    if (p == 0) begin : gen_first
      assign base_q = '0;
    end else begin : gen_next
      always_ff @(posedge clk_i) base_q <= gen_pe[p-1].base_q + 16'(tile_i);
    end

    assign e = base_q + 16'(pos_i);
    assign found.own = (above | (p == 0)) & (below | (p == Num - 1));
    assign found.fin = (fin0_i <= e) & (e < fin1_i);
    assign found.cout = (fin0_i <= e) & (e < cout1_i);
    assign found.cin = e < cin1_i;
    always_ff @(posedge clk_i) found_q <= found;
    assign class_o[p*4+:4] = found_q;
  end

endmodule
