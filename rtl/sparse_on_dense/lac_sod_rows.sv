// SPDX-License-Identifier: Apache-2.0
//
// Rows: the non-zeros of a decoder's beats to the shadow weights of its rows of the array.
//
//   clear_i --> all rows, all columns, zeros
//   beat --> the lanes of one row --> row enable, column enables, weights
//
// A beat with non-zeros of n > 1 rows takes n cycles, row by row; in_ready_o comes with the last.
// With one lane every column of the bus carries that lane's value: no multiplexer.
// Example, 2 lanes, beat (row 1, column 3, value 5), (row 2, column 0, value 7):
//   cycle 0  row 1, column 3: 5                cycle 1, in_ready_o  row 2, column 0: 7
//
// Streams: in_*, ready combinational from the beat. Latency: combinational. Throughput: a row per
// cycle. clear_i never together with in_valid_i.
// Parameters:
//   NumRows   1..32
//   Cols      4..32, 4, 8, 16 or 32
//   WgtWidth  8..16, 8 or 16
//   NumLanes  1..16, 1, 4 or 16
// Model: models/formats (Tile.matrix).

`include "lac_assert.svh"

module lac_sod_rows #(
  parameter  int NumRows  = 4,
  parameter  int Cols     = 16,
  parameter  int WgtWidth = 16,
  parameter  int NumLanes = 1,
  localparam int RowWidth = `LAC_INDEX_BITS(NumRows),
  localparam int ColWidth = `LAC_INDEX_BITS(Cols)
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic                         clear_i,
  input  logic                         in_valid_i,
  output logic                         in_ready_o,
  input  logic [         NumLanes-1:0] in_keep_i,
  input  logic [NumLanes*WgtWidth-1:0] in_value_i,
  input  logic [NumLanes*RowWidth-1:0] in_row_i,
  input  logic [NumLanes*ColWidth-1:0] in_col_i,
  output logic [          NumRows-1:0] row_o,
  output logic [             Cols-1:0] col_o,
  output logic [    Cols*WgtWidth-1:0] wgt_o
);

  `LAC_PARAM(lac_sod_rows, NumRows, 1, 32)
  `LAC_PARAM_RULE(lac_sod_rows, Cols, 4, 32, Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_sod_rows, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_sod_rows, NumLanes, 1, 16, NumLanes == 1 || NumLanes == 4 || NumLanes == 16,
                  "1, 4 or 16")

  logic [RowWidth-1:0] row;  // that is written
  logic [NumLanes-1:0] now;  // lanes of it
  logic [    Cols-1:0] hits                    [NumLanes+1];

  if (NumLanes == 1) begin : gen_single
    logic unused_clk;
    assign unused_clk = clk_i & rst_ni;

    assign now        = in_valid_i & in_keep_i;
    assign row        = in_row_i;
    assign in_ready_o = 1'b1;
  end else begin : gen_lanes
    logic [NumLanes-1:0] done_q, left, same;
    logic [$clog2(NumLanes)-1:0] first;

    assign left = in_keep_i & ~done_q;

    lac_ffs #(
      .Width(NumLanes)
    ) u_first (
      .in_i    (left),
      .valid_o (),
      .index_o (first),
      .onehot_o()
    );
    assign row = in_row_i[32'(first)*RowWidth+:RowWidth];
    for (genvar l = 0; l < NumLanes; l++) begin : gen_same
      assign same[l] = in_row_i[l*RowWidth+:RowWidth] == row;
    end
    assign now        = in_valid_i ? left & same : '0;
    assign in_ready_o = (left & ~same) == '0;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) done_q <= '0;
      else if (in_valid_i) done_q <= in_ready_o ? '0 : done_q | now;
    end
  end

  for (genvar i = 0; i < NumRows; i++) begin : gen_row
    assign row_o[i] = clear_i | ((now != '0) & (row == RowWidth'(i)));
  end

  assign hits[0] = {Cols{clear_i}};
  for (genvar l = 0; l < NumLanes; l++) begin : gen_lane
    logic [Cols-1:0] hit;
    for (genvar j = 0; j < Cols; j++) begin : gen_hit
      assign hit[j] = now[l] & (in_col_i[l*ColWidth+:ColWidth] == ColWidth'(j));
    end
    assign hits[l+1] = hits[l] | hit;
  end
  assign col_o = hits[NumLanes];

  for (genvar j = 0; j < Cols; j++) begin : gen_col
    logic [WgtWidth-1:0] values[NumLanes+1];
    assign values[0] = '0;
    for (genvar l = 0; l < NumLanes; l++) begin : gen_value
      if (NumLanes == 1) begin : gen_all
        assign values[1] = clear_i ? '0 : in_value_i;
      end else begin : gen_pick
        assign values[l+1] = values[l] | (gen_lane[l].hit[j] ? in_value_i[l*WgtWidth +: WgtWidth]
                                                             : '0);
      end
    end
    assign wgt_o[j*WgtWidth+:WgtWidth] = values[NumLanes];
  end

  `LAC_ASSERT(clear_alone, !(clear_i && in_valid_i), "a beat while the rows are cleared")

  `LAC_STREAM(in_valid_i, in_ready_o, {in_keep_i, in_value_i, in_row_i, in_col_i})
  `LAC_ASSERT(row_onehot, clear_i || $onehot0(row_o), "two rows at once")
  `LAC_ASSERT(row_if_beat, clear_i || in_valid_i || row_o == '0, "a row is written without a beat")

endmodule
