// SPDX-License-Identifier: Apache-2.0
//
// Activation loader: writes one activation packet into the activation SRAMs, position q to PE
// q mod NumPe, word ACT_BASE + q / NumPe.
//
//   s_axis_act -> lac_packet_rx -> lanes of one word -> write bus (PE p listens to lane p mod lanes)
//
// With fewer PEs than lanes in a word, a word is written in Lanes / NumPe steps.
// Streams: s_axis_act; ready low in all but the last step of a word.
// Throughput: one word, or NumPe activations, per cycle. Latency: beat to write 1 cycle.
// Parameters:
//   NumPe      1..256, a power of two
//   DataWidth  64
//   ActWidth   8..16, 8 or 16
//   AddrWidth  1..24
// Model: models/eie/compiler.py.

`include "lac_assert.svh"

module lac_eie_act_load import lac_pkg::*; #(
  parameter  int NumPe     = 64,
  parameter  int DataWidth = 64,
  parameter  int ActWidth  = 16,
  parameter  int AddrWidth = 10,
  localparam int NumLanes  = DataWidth / ActWidth,
  localparam int NumActive = NumPe < NumLanes ? NumPe : NumLanes  // lanes written per cycle
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          clr_i,
  input  logic                          pass_i,
  input  logic                          start_i,
  input  logic                          discard_i,
  input  logic                          forget_i,
  input  logic [31:0]                   in_len_i,
  input  logic [AddrWidth-1:0]          act_base_i,
  output logic                          busy_o,
  output logic [15:0]                   packets_o,
  output logic                          done_o,
  output logic                          err_valid_o,
  output logic [7:0]                    err_code_o,
  output logic [31:0]                   err_pos_o,
  input  logic [DataWidth-1:0]          s_axis_act_tdata,
  input  logic                          s_axis_act_tvalid,
  output logic                          s_axis_act_tready,
  input  logic                          s_axis_act_tlast,
  output logic [NumPe-1:0]              wr_en_o,
  output logic [AddrWidth-1:0]          wr_addr_o,
  output logic [NumActive*ActWidth-1:0] wr_data_o
);

  `LAC_PARAM_RULE(lac_eie_act_load, NumPe, 1, 256, (NumPe & (NumPe - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_eie_act_load, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_eie_act_load, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_eie_act_load, AddrWidth, 1, 24)

  localparam int NumGroups = NumPe / NumActive;     // words per row of positions
  localparam int NumSteps  = NumLanes / NumActive;  // steps per word
  localparam int StepBits  = NumActive * ActWidth;

  logic                 pay_valid, pay_ready, step_last, writes;
  logic [DataWidth-1:0] pay_data;
  logic [7:0]           step_q;
  logic [15:0]          group_q;
  logic [AddrWidth-1:0] addr_q;
  logic [31:0]          left_q;  // activations still to come
  logic [NumPe-1:0]     sel;

  lac_packet_rx #(
    .DataWidth(DataWidth), .Magic(ACT_MAGIC), .PerWord(NumLanes), .CheckCount(1'b1),
    .ErrHeader(ERR_ACT_HEADER), .ErrShort(ERR_ACT_SHORT), .ErrLong(ERR_ACT_LONG)
  ) u_rx (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clr_i         (clr_i),
    .pass_i        (pass_i),
    .start_i       (start_i),
    .discard_i     (discard_i),
    .forget_i      (forget_i),
    .count_i       (in_len_i),
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
    .pay_ready_i   (pay_ready),
    .pay_data_o    (pay_data),
    .pay_left_o    (),
    .pay_beat_o    ()
  );

  assign step_last = step_q == 8'(NumSteps - 1);
  assign pay_ready = step_last;
  assign writes    = pay_valid;

  for (genvar p = 0; p < NumPe; p++) begin : gen_sel
    // Lanes past IN_LEN in the last word are not written.
    assign sel[p] = (group_q == 16'(p / NumActive)) & (32'(p % NumActive) < left_q);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      step_q  <= '0;
      wr_en_o <= '0;
    end else begin
      if (clr_i || start_i || (writes && step_last)) step_q <= '0;
      else if (writes) step_q <= step_q + 8'd1;
      wr_en_o <= writes ? sel : '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      group_q <= '0;
      addr_q  <= act_base_i;
      left_q  <= in_len_i;
    end else if (writes) begin
      left_q <= left_q < 32'(NumActive) ? '0 : left_q - 32'(NumActive);
      if (group_q == 16'(NumGroups - 1)) begin
        group_q <= '0;
        addr_q  <= addr_q + AddrWidth'(1);
      end else begin
        group_q <= group_q + 16'd1;
      end
    end
    if (writes) begin
      wr_addr_o <= addr_q;
      wr_data_o <= pay_data[32'(step_q)*StepBits +: StepBits];
    end
  end

  `LAC_STREAM_CLR(s_axis_act_tvalid, s_axis_act_tready, {s_axis_act_tlast, s_axis_act_tdata},
                  !busy_o)
  `LAC_ASSERT(start_between, !start_i || !pay_valid, "started while a packet is written")
  `LAC_ASSERT(step_range, step_q < 8'(NumSteps), "a step past the word")
  `LAC_ASSERT(group_range, !pay_valid || group_q < 16'(NumGroups), "a word past the row")
  `LAC_ASSERT(word_left, !pay_valid || step_q != '0 || left_q != '0, "a word past IN_LEN")
  `LAC_ASSERT(write_range, 32'($countones(wr_en_o)) <= 32'(NumActive), "more PEs than lanes")
  `LAC_ASSERT(write_of_word, wr_en_o == '0 || $past(pay_valid), "a write without a word")

endmodule
