// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_packet_rx: each packet ends in one verdict, which is right; its payload passes whole.
//
// Beside the block stand the words that its header promises and those that it has handed on.

`include "lac_prove.svh"

module lac_prove_packet_rx #(
  parameter int PerWord = 1,
  parameter int WordsPer = 1,
  parameter bit CheckCount = 0
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        clr_i,
  input logic        pass_i,
  input logic        start_i,
  input logic        discard_i,
  input logic        forget_i,
  input logic [31:0] count_i,
  input logic [63:0] s_axis_tdata,
  input logic        s_axis_tvalid,
  input logic        s_axis_tlast,
  input logic        pay_ready_i
);

  localparam logic [31:0] Magic = 32'h4c41_4331;
  localparam int Wide = 42;

  logic busy, done, err_valid, tready, pay_valid;
  logic [15:0] packets;
  logic [ 7:0] err_code;
  logic [31:0] err_pos, pay_left, pay_beat;
  logic [63:0] pay_data;

  lac_packet_rx #(
    .Magic     (Magic),
    .PerWord   (PerWord),
    .WordsPer  (WordsPer),
    .CheckCount(CheckCount)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .clr_i,
    .pass_i,
    .start_i,
    .discard_i,
    .forget_i,
    .count_i,
    .busy_o       (busy),
    .packets_o    (packets),
    .done_o       (done),
    .err_valid_o  (err_valid),
    .err_code_o   (err_code),
    .err_pos_o    (err_pos),
    .s_axis_tdata,
    .s_axis_tvalid,
    .s_axis_tready(tready),
    .s_axis_tlast,
    .pay_valid_o  (pay_valid),
    .pay_ready_i,
    .pay_data_o   (pay_data),
    .pay_left_o   (pay_left),
    .pay_beat_o   (pay_beat)
  );

  logic header, payload, dropping, beat, good;
  logic [31:0] want, want_q, given_q;

  assign header = u_dut.state_q == 2'd1;
  assign payload = u_dut.state_q == 2'd2;
  assign dropping = u_dut.state_q == 2'd3;
  assign beat = s_axis_tvalid && tready;
  // What the header promises; a header that is not right promises nothing.
  assign want = (CheckCount && count_i == '1) ? s_axis_tdata[31:0]
      : 32'((Wide'(s_axis_tdata[31:0]) + Wide'(PerWord) - Wide'(1)) / Wide'(PerWord)
            * Wide'(WordsPer));
  assign good = s_axis_tdata[63:32] == Magic && (!CheckCount || (count_i == '1
      ? s_axis_tdata[31:0] != '0 : s_axis_tdata[31:0] == count_i));

  always_ff @(posedge clk_i) begin
    if (header && beat) begin
      want_q  <= want;
      given_q <= '0;
    end else if (pay_valid && pay_ready_i) begin
      given_q <= given_q + 32'd1;
    end
  end

  `LAC_PROVE_RESET
  `LAC_ASSUME_STREAM_CLR(s_axis_tvalid, tready, {s_axis_tlast, s_axis_tdata}, !busy)
  `LAC_ASSUME_STREAM(1'b1, !(busy && rst_ni), count_i)
  `LAC_ASSUME(!start_i || clr_i || discard_i || forget_i || !busy || dropping)

  // No word is lost, none comes twice.
  `LAC_ASSERT(word_passes, !pay_valid || pay_data == s_axis_tdata, "a word passes changed")
  `LAC_ASSERT(word_taken, !payload || discard_i || (pay_valid && pay_ready_i) == beat,
              "a word is taken and not handed on, or the reverse")
  `LAC_ASSERT(header_first, !header || err_pos == 32'd0, "a header that is not the first word")
  `LAC_ASSERT(no_more, !payload || given_q < want_q, "more payload than the header promises")
  `LAC_ASSERT(left_counts, !payload || pay_left == want_q - given_q - 32'd1, "a wrong rest")
  `LAC_ASSERT(beat_counts, !payload || pay_beat == given_q + 32'd1, "a wrong number of a beat")
  // One verdict, the right one.
  `LAC_ASSERT(good_is_good,
              !done || (s_axis_tlast && (header ? good && want == '0 : given_q + 32'd1 == want_q)),
              "a bad packet is called good")
  `LAC_ASSERT(good_is_told,
              !(beat && s_axis_tlast && !discard_i && (header || payload)) || done || err_valid,
              "a packet ends without a verdict")
  `LAC_ASSERT(bad_is_bad, !(err_valid && payload) || (s_axis_tlast != (given_q + 32'd1 == want_q)),
              "a good packet is called bad")
  `LAC_ASSERT(
      header_judged,
      !(header && beat && !discard_i) || err_valid == (!good || s_axis_tlast != (want == '0)),
      "a wrong verdict of a header")
  `LAC_ASSERT(no_verdict_else, !(done || err_valid) || (beat && (header || payload)),
              "a verdict without a word")
  // It never hangs: what is dropped is taken, what is wanted too.
  `LAC_ASSERT(drops, !(dropping || discard_i) || tready, "a word that nobody wants is not taken")
  `LAC_COVER(cover_done, done && payload && pay_beat > 32'd1)
  `LAC_COVER(cover_empty, done && header)
  `LAC_COVER(cover_short, err_valid && err_code == 8'd3)
  `LAC_COVER(cover_long, err_valid && err_code == 8'd4)
  `LAC_COVER(cover_dropped, dropping && beat && s_axis_tlast)

endmodule
