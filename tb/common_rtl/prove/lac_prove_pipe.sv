// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_pipe: a pipeline that lac_pipe controls loses, doubles, changes and reorders nothing.
//
// The data registers are as in the header of lac_pipe.

`include "lac_prove_queue.svh"

module lac_prove_pipe #(
  parameter int Width = 3,
  parameter int Stages = 3,
  localparam int FillWidth = $clog2(Stages + 2)
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             clr_i,
  input logic             pick_i,
  input logic             in_valid_i,
  input logic [Width-1:0] in_data_i,
  input logic             out_ready_i
);

  logic in_ready, out_valid;
  logic [Stages-1:0] en, is_it;
  logic [Width-1:0] stage_q[Stages];

  lac_pipe #(
    .Stages(Stages)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i,
    .in_ready_o (in_ready),
    .out_valid_o(out_valid),
    .out_ready_i,
    .en_o       (en)
  );

  `LAC_PROVE_RESET
  `LAC_PROVE_QUEUE(Width, Stages, stage_q[Stages-1])

  for (genvar k = 0; k < Stages; k++) begin : gen_stage
    logic [FillWidth-1:0] earlier;  // items in the stages behind this one, which leave earlier
    if (k == 0) begin : gen_first
      always_ff @(posedge clk_i) if (en[0]) stage_q[0] <= in_data_i;
    end else begin : gen_next
      always_ff @(posedge clk_i) if (en[k]) stage_q[k] <= stage_q[k-1];
    end
    always_comb begin
      earlier = '0;
      for (int j = k + 1; j < Stages; j++) begin
        earlier = earlier + FillWidth'(u_dut.gen_stages.valid_q[j]);
      end
    end
    assign is_it[k] = u_dut.gen_stages.valid_q[k] && earlier == ahead && stage_q[k] == data;
  end

  `LAC_ASSERT(counted, int'(fill) == $countones(u_dut.gen_stages.valid_q),
              "more or fewer items inside than stages in use")
  `LAC_ASSERT(in_its_place, !followed || is_it != '0, "the followed word is in no stage")
  `LAC_ASSERT(takes_while_room, in_ready == (int'(fill) < Stages || out_ready_i),
              "room, and no item is taken")
  `LAC_STREAM_CLR(out_valid, out_ready_i, stage_q[Stages-1], clr_i)
  `LAC_COVER(cover_filled, followed && int'(ahead) == Stages - 1)

endmodule
