// SPDX-License-Identifier: Apache-2.0
//
// Leading-non-zero detection: the first PE whose scan register holds an unsent activation.
//
//   leaf 0..3 -> node \
//   leaf 4..7 -> node  -> node ... -> root -> (valid, activation, PE index)
//
// A quadtree of lac_eie_lnzd_node; leaves past NumPe are tied off. 64 PEs make 16 + 4 + 1 nodes.
// Example: NumPe = 8, leaf_valid_i = 8'b0110_0000 -> idx_o = 5.
//
// Latency: combinational. Source: EIE (ISCA 2016), section IV and figure 4(a).
// Parameters:
//   NumPe      1..256, a power of two
//   DataWidth  1..64

`include "lac_assert.svh"

module lac_eie_lnzd_tree #(
  parameter  int NumPe     = 64,
  parameter  int DataWidth = 16,
  localparam int IdxWidth  = `LAC_INDEX_BITS(NumPe)
) (
  input  logic [          NumPe-1:0] leaf_valid_i,
  input  logic [NumPe*DataWidth-1:0] leaf_data_i,
  output logic                       valid_o,
  output logic [      DataWidth-1:0] data_o,
  output logic [       IdxWidth-1:0] idx_o
);

  `LAC_PARAM_RULE(lac_eie_lnzd_tree, NumPe, 1, 256, (NumPe & (NumPe - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_eie_lnzd_tree, DataWidth, 1, 64)

  localparam int NumLevels = NumPe > 1 ? ($clog2(NumPe) + 1) / 2 : 0;
  localparam int PayWidth = DataWidth + IdxWidth;

  for (genvar l = 0; l <= NumLevels; l++) begin : gen_level
    localparam int NumNodes = 4 ** (NumLevels - l);
    logic [         NumNodes-1:0] valid;
    logic [NumNodes*PayWidth-1:0] pay;
    for (genvar n = 0; n < NumNodes; n++) begin : gen_node
      if (l == 0 && n < NumPe) begin : gen_leaf
        assign valid[n] = leaf_valid_i[n];
        assign pay[n*PayWidth+:PayWidth] = {IdxWidth'(n), leaf_data_i[n*DataWidth+:DataWidth]};
      end else if (l == 0) begin : gen_tie
        assign valid[n] = 1'b0;
        assign pay[n*PayWidth+:PayWidth] = '0;
      end else begin : gen_inner
        lac_eie_lnzd_node #(
          .Width(PayWidth)
        ) u_node (
          .child_valid_i(gen_level[l-1].valid[4*n+:4]),
          .child_data_i (gen_level[l-1].pay[4*n*PayWidth+:4*PayWidth]),
          .valid_o      (valid[n]),
          .data_o       (pay[n*PayWidth+:PayWidth])
        );
      end
    end
  end

  assign valid_o = gen_level[NumLevels].valid[0];
  assign {idx_o, data_o} = gen_level[NumLevels].pay[PayWidth-1:0];

endmodule
