// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_codebook: turns the codes that a decoder puts out into values, by a table per region.
//
// Purpose: shared weights with local quantization, behind any decoder of this folder.
// Example, 4x4 tile in 2x1 regions, codes of 2 bits, table 0 5 6 7 / 0 1 2 3: code 2 in row 1 is 6,
//   in row 2 it is 2.
//
//   wr --> | table: region * 2^CodeWidth + code |
//                      v
//   in (code, row, col) --> region, look-up per lane --> | register | --> out (value, row, col)
//
// Streams: in_* and out_* are the output of a decoder, but for the width of the values; in_ready_o
//   is combinational from out_ready_i. wr_en_i writes an entry of the table: beats taken in a later
//   cycle see it.
// Latency: 1 cycle. Throughput: 1 beat per cycle.
// The table is not reset.
// Parameters:
//   CodeWidth   1..12
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1..16, 1, 4 or 16
//   RegionsRow  1..16, a divisor of TileRows
//   RegionsCol  1..16, a divisor of TileCols
// Model: models/formats/codebook.py. Source: Zhou et al., "Cambricon-S", MICRO 2018.

`include "lac_assert.svh"

module lac_fmt_codebook
  import lac_fmt_pkg::*;
#(
  parameter  int CodeWidth  = 4,
  parameter  int ValueWidth = 8,
  parameter  int TileRows   = 8,
  parameter  int TileCols   = 16,
  parameter  int NumLanes   = 1,
  parameter  int RegionsRow = 2,
  parameter  int RegionsCol = 2,
  localparam int TableSize  = (RegionsRow * RegionsCol) << CodeWidth,
  localparam int AddrWidth  = $clog2(TableSize),
  localparam int RowWidth   = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth   = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  // table
  input  logic                           wr_en_i,
  input  logic [          AddrWidth-1:0] wr_addr_i,
  input  logic [         ValueWidth-1:0] wr_data_i,
  // codes
  input  logic                           in_valid_i,
  output logic                           in_ready_o,
  input  logic [           NumLanes-1:0] in_keep_i,
  input  logic [ NumLanes*CodeWidth-1:0] in_code_i,
  input  logic [  NumLanes*RowWidth-1:0] in_row_i,
  input  logic [  NumLanes*ColWidth-1:0] in_col_i,
  input  logic [           NumLanes-1:0] in_eol_i,
  input  logic                           in_last_i,
  input  logic [           ErrWidth-1:0] in_err_i,
  input  logic [           PosWidth-1:0] in_pos_i,
  // values
  output logic                           out_valid_o,
  input  logic                           out_ready_i,
  output logic [           NumLanes-1:0] out_keep_o,
  output logic [NumLanes*ValueWidth-1:0] out_value_o,
  output logic [  NumLanes*RowWidth-1:0] out_row_o,
  output logic [  NumLanes*ColWidth-1:0] out_col_o,
  output logic [           NumLanes-1:0] out_eol_o,
  output logic                           out_last_o,
  output logic [           ErrWidth-1:0] out_err_o,
  output logic [           PosWidth-1:0] out_pos_o
);

  `LAC_PARAM(lac_fmt_codebook, CodeWidth, 1, 12)
  `LAC_PARAM(lac_fmt_codebook, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_codebook, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_codebook, TileCols, 1, 4096)
  `LAC_PARAM_RULE(lac_fmt_codebook, NumLanes, 1, 16,
                  NumLanes == 1 || NumLanes == 4 || NumLanes == 16, "1, 4 or 16")
  `LAC_PARAM_RULE(lac_fmt_codebook, RegionsRow, 1, 16, TileRows % RegionsRow == 0,
                  "a divisor of TileRows")
  `LAC_PARAM_RULE(lac_fmt_codebook, RegionsCol, 1, 16, TileCols % RegionsCol == 0,
                  "a divisor of TileCols")

  localparam int RegionRows = TileRows / RegionsRow;
  localparam int RegionCols = TileCols / RegionsCol;

  logic [ValueWidth-1:0] table_q[TableSize];
  logic [NumLanes*ValueWidth-1:0] value;

  for (genvar l = 0; l < NumLanes; l++) begin : gen_lane
    logic [AddrWidth-1:0] region_row, region_col, addr;
    assign region_row = AddrWidth'(32'(in_row_i[l*RowWidth+:RowWidth]) / 32'(RegionRows));
    assign region_col = AddrWidth'(32'(in_col_i[l*ColWidth+:ColWidth]) / 32'(RegionCols));
    assign addr = ((region_row * AddrWidth'(RegionsCol) + region_col) << CodeWidth)
                | AddrWidth'(in_code_i[l*CodeWidth +: CodeWidth]);
    // Before the first good table code 0 may be anything.
    assign value[l*ValueWidth+:ValueWidth] = in_keep_i[l] ? table_q[addr] : '0;
    `LAC_ASSERT(empty_zero,
                !out_valid_o || out_keep_o[l] || out_value_o[l*ValueWidth+:ValueWidth] == '0,
                "a value of no element")
  end

  assign in_ready_o = !out_valid_o || out_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) out_valid_o <= 1'b0;
    else if (in_ready_o) out_valid_o <= in_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (wr_en_i) table_q[wr_addr_i] <= wr_data_i;
    if (in_ready_o) begin
      out_keep_o  <= in_keep_i;
      out_value_o <= value;
      out_row_o   <= in_row_i;
      out_col_o   <= in_col_i;
      out_eol_o   <= in_eol_i;
      out_last_o  <= in_last_i;
      out_err_o   <= in_err_i;
      out_pos_o   <= in_pos_i;
    end
  end

  `LAC_STREAM(in_valid_i, in_ready_o, {in_keep_i, in_code_i, in_row_i, in_col_i, in_eol_i,
                                       in_last_i, in_err_i, in_pos_i})
  `LAC_STREAM(out_valid_o, out_ready_i, {out_keep_o, out_value_o, out_row_o, out_col_o, out_eol_o,
                                         out_last_o, out_err_o, out_pos_o})

  `LAC_ASSERT(write_between, !wr_en_i || !in_valid_i || in_ready_o,
              "the table is written while a beat waits for it")
  `LAC_ASSERT(eol_in_use, !out_valid_o || (out_eol_o & ~out_keep_o) == '0,
              "a line ends in a lane that is not in use")
  for (genvar l = 0; l < NumLanes; l++) begin : gen_value
    `LAC_ASSERT(value_not_zero,
                !(out_valid_o && out_keep_o[l]) || out_value_o[l*ValueWidth+:ValueWidth] != '0,
                "a code in use stands for zero")
  end

endmodule
