// SPDX-License-Identifier: Apache-2.0
//
// The systolic array: Rows x Cols PEs. Lane i enters row i from the left, sums leave at the bottom.
//
//   lane 0 --> PE(0,0) --> PE(0,1) --> ...      wgt_i, one column each, to all rows;
//                 |           |                 wgt_we_i[i] writes the shadow weights of row i
//   lane 1 --> PE(1,0) --> PE(1,1) --> ...
//                 |           |
//              psum 0      psum 1
//
// Pixel n in lane 0 in cycle t, in lane i in cycle t + i: its sum of column j is at psum_o in cycle
// t + Rows + j. One pixel per cycle, never stalls.
// Rows, Cols >= 2. Model: models/golden.py accumulate, one weight tile. Source: see lac_dense_pe.
module lac_dense_array #(
  parameter  int Rows      = 16,
  parameter  int Cols      = 16,
  parameter  int ActWidth  = 16,
  parameter  int WgtWidth  = 16,
  localparam int PsumWidth = ActWidth + WgtWidth + $clog2(Rows)
) (
  input  logic                      clk_i,
  input  logic [Rows-1:0]           wgt_we_i,
  input  logic [Cols*WgtWidth-1:0]  wgt_i,
  input  logic [Rows-1:0]           switch_i,
  input  logic [Rows*ActWidth-1:0]  act_i,
  output logic [Cols*PsumWidth-1:0] psum_o
);

  for (genvar i = 0; i < Rows; i++) begin : gen_row
    for (genvar j = 0; j < Cols; j++) begin : gen_col
      logic                 sw_in, sw_out;
      logic [ActWidth-1:0]  act_in, act_out;
      logic [PsumWidth-1:0] psum_in, psum_out;

      if (j == 0) begin : gen_left
        assign sw_in  = switch_i[i];
        assign act_in = act_i[i*ActWidth +: ActWidth];
      end else begin : gen_inner
        assign sw_in  = gen_row[i].gen_col[j-1].sw_out;
        assign act_in = gen_row[i].gen_col[j-1].act_out;
      end

      if (i == 0) begin : gen_top
        assign psum_in = '0;
      end else begin : gen_below
        assign psum_in = gen_row[i-1].gen_col[j].psum_out;
      end

      lac_dense_pe #(
        .ActWidth(ActWidth), .WgtWidth(WgtWidth), .PsumWidth(PsumWidth)
      ) u_pe (
        .clk_i    (clk_i),
        .wgt_we_i (wgt_we_i[i]),
        .wgt_i    (wgt_i[j*WgtWidth +: WgtWidth]),
        .switch_i (sw_in),
        .act_i    (act_in),
        .psum_i   (psum_in),
        .switch_o (sw_out),
        .act_o    (act_out),
        .psum_o   (psum_out)
      );

      if (j == Cols - 1) begin : gen_right
        // What leaves at the right is not needed.
        logic unused_right;
        assign unused_right = ^{sw_out, act_out};
      end
      if (i == Rows - 1) begin : gen_bottom
        assign psum_o[j*PsumWidth +: PsumWidth] = psum_out;
      end
    end
  end

endmodule
