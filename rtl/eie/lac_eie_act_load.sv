// SPDX-License-Identifier: Apache-2.0
//
// Activation loader: writes one activation packet into the activation SRAMs, position q to PE
// q mod NumPe, word ACT_BASE + q / NumPe.
//
//   words of the packet -> lanes of one word -> write bus (PE p listens to lane p mod lanes)
//
// With fewer PEs than lanes in a word, a word is written in Lanes / NumPe steps.
// Streams: pay; ready low in all but the last step of a word.
// Throughput: one word, or NumPe activations, per cycle. Latency: beat to write 1 cycle.
// Parameters:
//   NumPe      1..256, a power of two
//   DataWidth  64
//   ActWidth   8..16, 8 or 16
//   AddrWidth  1..24
// Model: models/eie/compiler.py.

`include "lac_assert.svh"

module lac_eie_act_load #(
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
  input  logic                          start_i,
  input  logic [                  31:0] in_len_i,
  input  logic [         AddrWidth-1:0] act_base_i,
  input  logic                          pay_valid_i,
  output logic                          pay_ready_o,
  input  logic [         DataWidth-1:0] pay_data_i,
  output logic [             NumPe-1:0] wr_en_o,
  output logic [         AddrWidth-1:0] wr_addr_o,
  output logic [NumActive*ActWidth-1:0] wr_data_o
);

  `LAC_PARAM_RULE(lac_eie_act_load, NumPe, 1, 256, (NumPe & (NumPe - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_eie_act_load, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_eie_act_load, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_eie_act_load, AddrWidth, 1, 24)

  localparam int NumGroups = NumPe / NumActive;  // words per row of positions
  localparam int NumSteps = NumLanes / NumActive;  // steps per word
  localparam int StepBits = NumActive * ActWidth;

  logic step_last, writes;
  logic [          7:0] step_q;
  logic [         15:0] group_q;
  logic [AddrWidth-1:0] addr_q;
  logic [         31:0] left_q;  // activations still to come
  logic [    NumPe-1:0] sel;

  assign step_last = step_q == 8'(NumSteps - 1);
  assign pay_ready_o = step_last;
  assign writes    = pay_valid_i;

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
      wr_data_o <= pay_data_i[32'(step_q)*StepBits+:StepBits];
    end
  end

  `LAC_STREAM_CLR(pay_valid_i, pay_ready_o, pay_data_i, clr_i || start_i)
  `LAC_ASSERT(start_between, !start_i || !pay_valid_i, "started while a packet is written")
  `LAC_ASSERT(step_range, step_q < 8'(NumSteps), "a step past the word")
  `LAC_ASSERT(group_range, !pay_valid_i || group_q < 16'(NumGroups), "a word past the row")
  `LAC_ASSERT(word_left, !pay_valid_i || step_q != '0 || left_q != '0, "a word past IN_LEN")
  `LAC_ASSERT(write_range, 32'($countones(wr_en_o)) <= 32'(NumActive), "more PEs than lanes")
  `LAC_ASSERT(write_of_word, wr_en_o == '0 || $past(pay_valid_i), "a write without a word")

endmodule
