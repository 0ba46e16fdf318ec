// SPDX-License-Identifier: Apache-2.0
//
// Activation loader: writes one activation packet into the activation buffer, from the base on.
//
//   s_axis_act -> lac_packet_rx -> NumWords stream words side by side -> buffer word
//
// Example, Rows 8, 16 bits: two stream words, lanes 0..3 and 4..7, make a word of the buffer.
// Streams: s_axis_act, ready while a packet is expected. The header's count must equal count_i.
// Throughput: one stream word per cycle. Latency: last stream word to write 1 cycle.
// Parameters:
//   Rows       4..32, 4, 8, 16 or 32
//   DataWidth  64
//   ActWidth   8..16, 8 or 16
//   AddrWidth  1..24
// Model: models/dense packets.

`include "lac_assert.svh"

module lac_array_act_load import lac_pkg::*; #(
  parameter  int Rows      = 16,
  parameter  int DataWidth = 64,
  parameter  int ActWidth  = 16,
  parameter  int AddrWidth = 14,
  localparam int WordWidth = Rows * ActWidth
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clr_i,
  input  logic                 pass_i,
  input  logic                 start_i,
  input  logic                 discard_i,
  input  logic                 forget_i,
  input  logic [31:0]          count_i,     // buffer words
  input  logic [AddrWidth-1:0] act_base_i,
  output logic                 busy_o,
  output logic [15:0]          packets_o,
  output logic                 done_o,
  output logic                 err_valid_o,
  output logic [7:0]           err_code_o,
  output logic [31:0]          err_pos_o,
  input  logic [DataWidth-1:0] s_axis_act_tdata,
  input  logic                 s_axis_act_tvalid,
  output logic                 s_axis_act_tready,
  input  logic                 s_axis_act_tlast,
  output logic                 wr_en_o,
  output logic [AddrWidth-1:0] wr_addr_o,
  output logic [WordWidth-1:0] wr_data_o
);

  `LAC_PARAM_RULE(lac_array_act_load, Rows, 4, 32,
    Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32,
    "4, 8, 16 or 32")
  `LAC_PARAM(lac_array_act_load, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_array_act_load, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_array_act_load, AddrWidth, 1, 24)

  localparam int NumWords = (WordWidth + DataWidth - 1) / DataWidth;

  logic                 pay_valid, last;
  logic [DataWidth-1:0] pay_data;
  logic [4:0]           part_q;
  logic [AddrWidth-1:0] addr_q;

  lac_packet_rx #(
    .DataWidth(DataWidth), .Magic(ACT_MAGIC), .WordsPer(NumWords), .CheckCount(1'b1),
    .ErrHeader(ERR_ACT_HEADER), .ErrShort(ERR_ACT_SHORT), .ErrLong(ERR_ACT_LONG)
  ) u_rx (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clr_i         (clr_i),
    .pass_i        (pass_i),
    .start_i       (start_i),
    .discard_i     (discard_i),
    .forget_i      (forget_i),
    .count_i       (count_i),
    .busy_o        (busy_o),
    .packets_o     (packets_o),
    .done_o        (done_o),
    .err_valid_o   (err_valid_o),
    .err_code_o    (err_code_o),
    .err_pos_o     (err_pos_o),
    .s_axis_tdata  (s_axis_act_tdata),
    .s_axis_tvalid (s_axis_act_tvalid),
    .s_axis_tready (s_axis_act_tready),
    .s_axis_tlast  (s_axis_act_tlast),
    .pay_valid_o   (pay_valid),
    .pay_ready_i   (1'b1),
    .pay_data_o    (pay_data),
    .pay_left_o    (),
    .pay_beat_o    ()
  );

  assign last = part_q == 5'(NumWords - 1);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) wr_en_o <= 1'b0;
    else wr_en_o <= pay_valid & last;
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      part_q <= '0;
      addr_q <= act_base_i;
    end else if (pay_valid) begin
      part_q <= last ? '0 : part_q + 5'd1;
      if (last) addr_q <= addr_q + AddrWidth'(1);
    end
    if (pay_valid) wr_addr_o <= addr_q;
  end

  if (NumWords == 1) begin : gen_one
    always_ff @(posedge clk_i) if (pay_valid) wr_data_o <= pay_data[WordWidth-1:0];
    if (WordWidth < DataWidth) begin : gen_unused
      logic unused_lanes;
      assign unused_lanes = ^pay_data[DataWidth-1:WordWidth];
    end
  end else begin : gen_parts
    for (genvar w = 0; w < NumWords; w++) begin : gen_part
      always_ff @(posedge clk_i)
        if (pay_valid && part_q == 5'(w)) wr_data_o[w*DataWidth +: DataWidth] <= pay_data;
    end
  end

  `LAC_STREAM_CLR(s_axis_act_tvalid, s_axis_act_tready, {s_axis_act_tlast, s_axis_act_tdata},
                  !busy_o)
  `LAC_ASSERT(start_between, !start_i || !pay_valid, "started while a packet is written")
  `LAC_ASSERT(part_range, !pay_valid || part_q < 5'(NumWords), "a word past the buffer word")
  `LAC_ASSERT(write_of_word, !wr_en_o || $past(pay_valid), "a write without a word")
  `LAC_ASSERT(whole_words, !done_o || last, "a packet ends within a buffer word")

endmodule
