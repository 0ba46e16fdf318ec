// SPDX-License-Identifier: Apache-2.0
//
// Result stream: reads the accumulator banks pixel by pixel, requantizes a stream word of lanes at
// a time and sends it.
//
//   read of all banks -> word multiplexer -> register -> NumActive x lac_requant -> results
//
// Example, Cols 8, 16 bits: pixel 0 gives outputs 0..3, then 4..7, then comes pixel 1.
// The next pixel is read while the last word of the one before goes into the register. With
// fewer bits in a pixel than in a stream word the upper lanes are zero.
//
// Streams: result, in which valid never waits for ready.
// Throughput: one word per cycle. Latency: start_i to the first word 3 cycles.
// Parameters:
//   Cols       2..32, 2, 4, 8, 16 or 32
//   DataWidth  64
//   ActWidth   8..16, 8 or 16
//   AccWidth   ActWidth + 1..48
//   AddrWidth  1..24
//   SizeWidth  1..32
// Model: models/fixed.py requant, models/dense unpack.

`include "lac_assert.svh"

module lac_array_out #(
  parameter  int Cols       = 16,
  parameter  int DataWidth  = 64,
  parameter  int ActWidth   = 16,
  parameter  int AccWidth   = 48,
  parameter  int AddrWidth  = 12,
  parameter  int SizeWidth  = 25,
  localparam int ShiftWidth = $clog2(AccWidth)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clr_i,
  input  logic                     start_i,
  input  logic [    SizeWidth-1:0] count_i,         // sums of each bank to send
  input  logic [   ShiftWidth-1:0] shift_i,
  input  logic                     relu_i,
  output logic                     rd_en_o,
  output logic [    AddrWidth-1:0] rd_addr_o,
  input  logic [Cols*AccWidth-1:0] acc_i,           // holds until the next read
  output logic                     result_valid_o,
  input  logic                     result_ready_i,
  output logic [    DataWidth-1:0] result_data_o,
  output logic                     result_last_o
);

  `LAC_PARAM_RULE(lac_array_out, Cols, 2, 32,
                  Cols == 2 || Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32,
                  "2, 4, 8, 16 or 32")
  `LAC_PARAM(lac_array_out, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_array_out, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_array_out, AccWidth, ActWidth + 1, 48)
  `LAC_PARAM(lac_array_out, AddrWidth, 1, 24)
  `LAC_PARAM(lac_array_out, SizeWidth, 1, 32)

  localparam int NumLanes = DataWidth / ActWidth;
  localparam int NumActive = Cols < NumLanes ? Cols : NumLanes;
  localparam int NumWords = Cols / NumActive;  // of a pixel

  logic active_q, loaded_q, take, pixel_ends, ends;
  logic piece_valid_q, piece_ends_q;
  logic [         SizeWidth-1:0] left_q;  // pixels to read
  logic [         AddrWidth-1:0] addr_q;
  logic [                   4:0] word_q;
  logic [NumActive*AccWidth-1:0] piece_q;
  logic [NumActive*ActWidth-1:0] results;

  assign take       = loaded_q & (~piece_valid_q | result_ready_i);
  assign pixel_ends = take & (word_q == 5'(NumWords - 1));
  assign ends       = (word_q == 5'(NumWords - 1)) & (left_q == '0);
  assign rd_en_o    = active_q & (left_q != '0) & (~loaded_q | pixel_ends);
  assign rd_addr_o  = addr_q;

  for (genvar l = 0; l < NumActive; l++) begin : gen_lane
    lac_requant #(
      .AccWidth(AccWidth),
      .OutWidth(ActWidth)
    ) u_requant (
      .acc_i  (piece_q[l*AccWidth+:AccWidth]),
      .shift_i(shift_i),
      .relu_i (relu_i),
      .out_o  (results[l*ActWidth+:ActWidth]),
      .sat_o  ()
    );
  end

  assign result_valid_o = piece_valid_q;
  assign result_data_o  = DataWidth'(results);  // upper lanes, if any, are zero
  assign result_last_o  = piece_ends_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q      <= 1'b0;
      loaded_q      <= 1'b0;
      piece_valid_q <= 1'b0;
    end else if (clr_i) begin
      active_q      <= 1'b0;
      loaded_q      <= 1'b0;
      piece_valid_q <= 1'b0;
    end else begin
      if (start_i) active_q <= 1'b1;
      else if (take && ends) active_q <= 1'b0;
      loaded_q      <= rd_en_o | (loaded_q & ~pixel_ends);
      piece_valid_q <= take | (piece_valid_q & ~result_ready_i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      left_q <= count_i;
      addr_q <= '0;
      word_q <= '0;
    end else begin
      if (rd_en_o) begin
        left_q <= left_q - SizeWidth'(1);
        addr_q <= addr_q + AddrWidth'(1);
      end
      if (take) word_q <= pixel_ends ? '0 : word_q + 5'd1;
    end
    if (take) begin
      piece_q      <= acc_i[32'(word_q)*NumActive*AccWidth+:NumActive*AccWidth];
      piece_ends_q <= ends;
    end
  end

  `LAC_STREAM_CLR(result_valid_o, result_ready_i, {result_data_o, result_last_o}, clr_i)
  `LAC_ASSERT(start_idle, !start_i || clr_i || !active_q, "started while it runs")
  `LAC_ASSERT(idle_empty, active_q || !loaded_q, "idle with a pixel at work")
  `LAC_ASSERT(word_range, !loaded_q || word_q < 5'(NumWords), "a word past the pixel")
  `LAC_ASSERT(read_free, !rd_en_o || !loaded_q || pixel_ends, "read over a pixel at work")
  `LAC_ASSERT(read_lands, rd_en_o && !clr_i |=> loaded_q, "a read that nothing follows")

endmodule
