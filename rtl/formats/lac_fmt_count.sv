// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_count: number of ones, as a tree over groups of 8 bits.
//
// Purpose: counts over parts of one vector that begin at the same bit, or at multiples of 8, have
//   their groups in common, and synthesis makes them once.
// Example, Width 24: (ones of 7..0 + ones of 15..8) + ones of 23..16.
//
// Combinational.
// Parameters:
//   Width  1..256
// Model: int.bit_count. Source: common practice.

`include "lac_assert.svh"

module lac_fmt_count #(
  parameter int Width = 64,
  localparam int CountWidth = $clog2(Width + 1)
) (
  input  logic [     Width-1:0] bits_i,
  output logic [CountWidth-1:0] ones_o
);

  `LAC_PARAM(lac_fmt_count, Width, 1, 256)

  localparam int Group = 8;
  localparam int NumGroups = (Width + Group - 1) / Group;
  localparam int Levels = NumGroups > 1 ? $clog2(NumGroups) : 0;

  // Bit b of every group side by side, so that all groups are counted at once.
  logic [NumGroups*Group-1:0] padded;
  logic [NumGroups-1:0] slice[Group];
  assign padded = (NumGroups * Group)'(bits_i);
  for (genvar b = 0; b < Group; b++) begin : gen_slice
    for (genvar i = 0; i < NumGroups; i++) begin : gen_group
      assign slice[b][i] = padded[i*Group+b];
    end
  end

  // Seven ones by full adders (o: ones, t: twos, f: fours), the eighth by half adders.
  logic [NumGroups-1:0] o_low, t_low, o_high, t_high, o_seven, t_third, t_seven, f_seven;
  logic [NumGroups-1:0] ones, twos, fours, eights, into_twos, into_fours;
  assign o_low = slice[0] ^ slice[1] ^ slice[2];
  assign t_low = (slice[0] & slice[1]) | (slice[2] & (slice[0] | slice[1]));
  assign o_high = slice[3] ^ slice[4] ^ slice[5];
  assign t_high = (slice[3] & slice[4]) | (slice[5] & (slice[3] | slice[4]));
  assign o_seven = o_low ^ o_high ^ slice[6];
  assign t_third = (o_low & o_high) | (slice[6] & (o_low | o_high));
  assign t_seven = t_low ^ t_high ^ t_third;
  assign f_seven = (t_low & t_high) | (t_third & (t_low | t_high));
  assign ones = o_seven ^ slice[7];
  assign into_twos = o_seven & slice[7];
  assign twos = t_seven ^ into_twos;
  assign into_fours = t_seven & into_twos;
  assign fours = f_seven ^ into_fours;
  assign eights = f_seven & into_fours;

  // Level 0: the groups; level k: sums of 2^k of them.
  for (genvar k = 0; k <= Levels; k++) begin : gen_level
    localparam int Num = (NumGroups + (1 << k) - 1) >> k;
    logic [Num*CountWidth-1:0] sums;
    if (k == 0) begin : gen_groups
      for (genvar i = 0; i < Num; i++) begin : gen_group
        assign sums[i*CountWidth+:CountWidth] = CountWidth'({
          eights[i], fours[i], twos[i], ones[i]
        });
      end
    end else begin : gen_pairs
      localparam int Below = (NumGroups + (1 << (k - 1)) - 1) >> (k - 1);
      logic [Below*CountWidth-1:0] below;
      assign below = gen_level[k-1].sums;
      for (genvar i = 0; i < Num; i++) begin : gen_pair
        if (2 * i + 1 < Below) begin : gen_two
          assign sums[i*CountWidth+:CountWidth] = below[2*i*CountWidth+:CountWidth]
                                                + below[(2*i+1)*CountWidth+:CountWidth];
        end else begin : gen_one
          assign sums[i*CountWidth+:CountWidth] = below[2*i*CountWidth+:CountWidth];
        end
      end
    end
  end
  assign ones_o = gen_level[Levels].sums;

endmodule
