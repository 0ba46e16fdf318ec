// SPDX-License-Identifier: Apache-2.0
//
// Result transmitter: the output register of a result stream, which keeps the rules of AXI4-Stream
// whatever ends the pass.
//
//   in --> | register | --> m_axis_out
//             ^ clr_i with a packet open: one last word, tuser
//
// A word that was offered stays, unchanged, until it is accepted. A packet that has begun is always
// ended: by its own last word, or, cut off by clr_i, by one extra word of zeros with tlast and tuser
// (aborted). Nothing of the next pass is taken before that word has gone.
// Example: words A, B of a packet of three, B is held by its receiver, clr_i: B stays until it is
// accepted, then comes 0 with tlast and tuser. If B was the last of its packet, nothing follows.
//
// clr_i may stay high. done_o: the last word of a packet that was not cut off is accepted in this
// cycle.
// Streams: in, m_axis_out. in_ready_o is combinational from m_axis_out_tready and clr_i; what goes
// out comes from registers. Throughput: one word per cycle. Latency: 1 cycle.
// Parameters:
//   DataWidth  1..4096
// Model: the reference in its bench.

`include "lac_assert.svh"

module lac_result_tx #(
  parameter int DataWidth = 64
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clr_i,
  output logic                 done_o,
  input  logic                 in_valid_i,
  output logic                 in_ready_o,
  input  logic [DataWidth-1:0] in_data_i,
  input  logic                 in_last_i,
  output logic [DataWidth-1:0] m_axis_out_tdata,
  output logic                 m_axis_out_tvalid,
  input  logic                 m_axis_out_tready,
  output logic                 m_axis_out_tlast,
  output logic                 m_axis_out_tuser
);

  `LAC_PARAM(lac_result_tx, DataWidth, 1, 4096)

  logic open_q;  // a packet has begun, its last word has not gone
  logic cut_q;  // ... and its pass has ended
  logic valid_q, last_q, user_q;
  logic [DataWidth-1:0] data_q;
  logic free, ends, load, abort, open;

  assign m_axis_out_tvalid = valid_q;
  assign m_axis_out_tdata  = data_q;
  assign m_axis_out_tlast  = last_q;
  assign m_axis_out_tuser  = user_q;

  assign free              = ~valid_q | m_axis_out_tready;  // nothing offered behind this cycle
  assign ends              = valid_q & m_axis_out_tready & last_q;
  assign in_ready_o        = free & ~cut_q & ~clr_i;
  assign load              = in_valid_i & in_ready_o;
  assign abort             = free & (cut_q | clr_i) & open_q & ~ends;
  assign open              = load | (open_q & ~ends);
  assign done_o            = ends & ~cut_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q  <= 1'b0;
      cut_q   <= 1'b0;
      valid_q <= 1'b0;
      last_q  <= 1'b0;
      user_q  <= 1'b0;
    end else begin
      open_q <= open;
      cut_q  <= (cut_q | clr_i) & open;
      if (free) begin
        valid_q <= load | abort;
        last_q  <= (load & in_last_i) | abort;
        user_q  <= abort;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (load) data_q <= in_data_i;
    else if (abort) data_q <= '0;
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_last_i, in_data_i}, clr_i)
  `LAC_STREAM(m_axis_out_tvalid, m_axis_out_tready, {m_axis_out_tdata, m_axis_out_tlast,
                                                     m_axis_out_tuser})
  `LAC_ASSERT(aborted_is_last, !m_axis_out_tuser || m_axis_out_tlast, "tuser without tlast")
  `LAC_ASSERT(offered_is_open, !m_axis_out_tvalid || open_q, "a word outside of a packet")
  `LAC_ASSERT(cut_is_open, !cut_q || open_q, "a packet cut off that has ended")
  `LAC_ASSERT(done_is_end, !done_o || (m_axis_out_tlast && !m_axis_out_tuser),
              "done without the packet's own last word")

endmodule
