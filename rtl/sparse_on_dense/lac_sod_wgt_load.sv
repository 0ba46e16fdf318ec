// SPDX-License-Identifier: Apache-2.0
//
// Weight loader: compressed words to their banks, biases to their buffer.
//
//   words of the packet -> lac_array_wgt_load (sections, words of marks) -> bank, address, mark and word
//
// Layout of the packet and its sections: README.md beside this file.
// Streams: pay, always ready. Throughput: one stream word per cycle.
// Latency: stream word to write 1 cycle. Model: models/sparse_on_dense packets.
// Parameters:
//   Cols       4..32, 4, 8, 16 or 32
//   DataWidth  64
//   WgtDepth   1..16777216
//   BiasDepth  1..16777216
//   BiasWidth  2..32
//   NumUnits   1..16, a power of two

`include "lac_assert.svh"

module lac_sod_wgt_load #(
  parameter  int Cols      = 16,
  parameter  int DataWidth = 64,
  parameter  int WgtDepth  = 8192,
  parameter  int BiasDepth = 64,
  parameter  int BiasWidth = 32,
  parameter  int NumUnits  = 4,
  localparam int WordWidth = 64
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      clr_i,
  input  logic                      start_i,
  input  logic                      pay_valid_i,
  input  logic [     DataWidth-1:0] pay_data_i,
  input  logic [              31:0] pay_left_i,
  output logic                      err_o,
  output logic [               7:0] err_code_o,
  output logic [      NumUnits-1:0] wr_wgt_o,
  output logic                      wr_bias_o,
  output logic [              23:0] wr_addr_o,
  output logic [       WordWidth:0] wr_wgt_data_o,  // mark and word
  output logic [Cols*BiasWidth-1:0] wr_bias_data_o
);

  `LAC_PARAM_RULE(lac_sod_wgt_load, Cols, 4, 32,
                  Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32, "4, 8, 16 or 32")
  `LAC_PARAM(lac_sod_wgt_load, DataWidth, 64, 64)
  `LAC_PARAM(lac_sod_wgt_load, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_sod_wgt_load, BiasDepth, 1, 16777216)
  `LAC_PARAM(lac_sod_wgt_load, BiasWidth, 2, 32)
  `LAC_PARAM_RULE(lac_sod_wgt_load, NumUnits, 1, 16, (NumUnits & (NumUnits - 1)) == 0,
                  "a power of two")

  localparam int UnitWidth = 12;  // of the field in a section header

  logic                 wr_wgt;
  logic [UnitWidth-1:0] unit;

  lac_array_wgt_load #(
    .Cols(Cols),
    .DataWidth(DataWidth),
    .WgtBits(WordWidth),
    .WgtDepth(WgtDepth),
    .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth),
    .Marked(1'b1),
    .NumUnits(NumUnits)
  ) u_load (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clr_i         (clr_i),
    .start_i       (start_i),
    .pay_valid_i   (pay_valid_i),
    .pay_data_i    (pay_data_i),
    .pay_left_i    (pay_left_i),
    .more_ok_i     (1'b0),
    .more_words_i  (32'd0),
    .more_addr_i   (24'd0),
    .more_parts_i  (5'd0),
    .kind_o        (),
    .err_o         (err_o),
    .err_code_o    (err_code_o),
    .wr_more_o     (),
    .wr_kind_o     (),
    .wr_more_data_o(),
    .wr_wgt_o      (wr_wgt),
    .wr_bias_o     (wr_bias_o),
    .wr_unit_o     (unit),
    .wr_addr_o     (wr_addr_o),
    .wr_mark_o     (wr_wgt_data_o[WordWidth]),
    .wr_wgt_data_o (wr_wgt_data_o[WordWidth-1:0]),
    .wr_bias_data_o(wr_bias_data_o)
  );

  for (genvar u = 0; u < NumUnits; u++) begin : gen_unit
    assign wr_wgt_o[u] = wr_wgt & (unit == UnitWidth'(u));
  end

  `LAC_ASSERT(one_memory, $onehot0({wr_bias_o, wr_wgt_o}), "two memories are written at once")
  `LAC_ASSERT(bank_exists, !wr_wgt || 32'(unit) < 32'(NumUnits), "a word for no bank")

endmodule
