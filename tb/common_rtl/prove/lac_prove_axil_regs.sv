// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_axil_regs: the rules of AXI4-Lite, and a register reads as what was written last.
//
// One CFG register of any number is followed. What the block says of itself (start, errors, what is
// held while busy) is proved with it.

`include "lac_prove.svh"

module lac_prove_axil_regs
  import lac_pkg::*;
#(
  localparam int IndexWidth = $clog2(NUM_CFG)
) (
  input logic                   clk_i,
  input logic                   rst_ni,
  input logic [           11:0] s_axil_awaddr,
  input logic [            2:0] s_axil_awprot,
  input logic                   s_axil_awvalid,
  input logic [           31:0] s_axil_wdata,
  input logic [            3:0] s_axil_wstrb,
  input logic                   s_axil_wvalid,
  input logic                   s_axil_bready,
  input logic [           11:0] s_axil_araddr,
  input logic [            2:0] s_axil_arprot,
  input logic                   s_axil_arvalid,
  input logic                   s_axil_rready,
  input logic                   busy_i,
  input logic                   done_i,
  input logic                   err_valid_i,
  input logic [            7:0] err_code_i,
  input logic [           31:0] err_pos_i,
  input logic [            3:0] phase_i,
  input logic [           31:0] packets_i,
  input logic [ NUM_CAP*32-1:0] cap_i,
  input logic [NUM_PERF*32-1:0] perf_i
);

  logic awready, wready, bvalid, arready, rvalid, start, soft_rst, forget, irq;
  logic [1:0] bresp, rresp;
  logic [31:0] rdata, watchdog;
  logic [NUM_CFG-1:0][31:0] cfg;

  lac_axil_regs u_dut (
    .clk_i,
    .rst_ni,
    .s_axil_awaddr,
    .s_axil_awprot,
    .s_axil_awvalid,
    .s_axil_awready(awready),
    .s_axil_wdata,
    .s_axil_wstrb,
    .s_axil_wvalid,
    .s_axil_wready (wready),
    .s_axil_bresp  (bresp),
    .s_axil_bvalid (bvalid),
    .s_axil_bready,
    .s_axil_araddr,
    .s_axil_arprot,
    .s_axil_arvalid,
    .s_axil_arready(arready),
    .s_axil_rdata  (rdata),
    .s_axil_rresp  (rresp),
    .s_axil_rvalid (rvalid),
    .s_axil_rready,
    .start_o       (start),
    .soft_rst_o    (soft_rst),
    .forget_o      (forget),
    .busy_i,
    .done_i,
    .err_valid_i,
    .err_code_i,
    .err_pos_i,
    .phase_i,
    .packets_i,
    .cap_i,
    .cfg_o         (cfg),
    .perf_i,
    .watchdog_o    (watchdog),
    .irq_o         (irq)
  );

  // A write as the bus shows it, and the followed register as writes make it.
  `LAC_CONSTANT(logic [IndexWidth-1:0], followed_q)
  logic aw_q, w_q, r_q;
  logic [11:0] waddr_q, raddr_q;
  logic [31:0] wdata_q, shadow_q, shadow_d, read_q;
  logic [ 3:0] wstrb_q;
  logic [11:0] address;

  assign address = 12'(REG_CFG0) + {8'(followed_q), 2'b00};
  always_comb begin
    shadow_d = shadow_q;
    for (int k = 0; k < 4; k++) if (wstrb_q[k]) shadow_d[8*k+:8] = wdata_q[8*k+:8];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_q <= 1'b0;
      w_q <= 1'b0;
      r_q <= 1'b0;
      shadow_q <= '0;
    end else begin
      aw_q <= (aw_q || (s_axil_awvalid && awready)) && !(bvalid && s_axil_bready);
      w_q  <= (w_q || (s_axil_wvalid && wready)) && !(bvalid && s_axil_bready);
      r_q  <= (r_q && !(rvalid && s_axil_rready)) || (s_axil_arvalid && arready);
      if (aw_q && w_q && !bvalid && waddr_q == address && !u_dut.busy) shadow_q <= shadow_d;
    end
  end
  always_ff @(posedge clk_i) begin
    if (s_axil_awvalid && awready) waddr_q <= s_axil_awaddr;
    if (s_axil_wvalid && wready) {wdata_q, wstrb_q} <= {s_axil_wdata, s_axil_wstrb};
    if (s_axil_arvalid && arready) {raddr_q, read_q} <= {s_axil_araddr, shadow_q};
  end

  `LAC_PROVE_RESET
  `LAC_ASSUME_STREAM(s_axil_awvalid, awready, {s_axil_awaddr, s_axil_awprot})
  `LAC_ASSUME_STREAM(s_axil_wvalid, wready, {s_axil_wdata, s_axil_wstrb})
  `LAC_ASSUME_STREAM(s_axil_arvalid, arready, {s_axil_araddr, s_axil_arprot})

  // One answer to each address (and data), none before, none without.
  `LAC_ASSERT(b_needs_both, !bvalid || (aw_q && w_q), "a response before address and data")
  `LAC_ASSERT(one_write_each, (aw_q -> !awready) && (w_q -> !wready), "a second one is taken")
  `LAC_ASSERT(b_comes, !$past(aw_q && w_q && !bvalid && rst_ni) || bvalid, "no response")
  `LAC_ASSERT(r_needs_address, rvalid == r_q, "data without an address, or the reverse")
  `LAC_ASSERT(takes_write, aw_q || awready || bvalid, "an address is not taken")
  `LAC_ASSERT(takes_data, w_q || wready || bvalid, "data is not taken")
  `LAC_ASSERT(takes_read, r_q || arready, "an address to read is not taken")
  // What was written is read.
  `LAC_ASSERT(holds, cfg[followed_q] == shadow_q, "CFG is not what was written")
  `LAC_ASSERT(reads, !(rvalid && raddr_q == address) || (rdata == read_q && rresp == 2'b00),
              "it reads otherwise")
  // Ties the writes to the registers of the block.
  `LAC_ASSERT(same_write,
              (u_dut.aw_held_q == (aw_q && !bvalid)) && (u_dut.w_held_q == (w_q && !bvalid)),
              "other halves of a write")
  `LAC_ASSERT(same_address, !aw_q || waddr_q == u_dut.waddr_q, "another address")
  `LAC_ASSERT(same_data, !w_q || {wdata_q, wstrb_q} == {u_dut.wdata_q, u_dut.wstrb_q}, "other data")
  `LAC_COVER(cover_reads_back, rvalid && raddr_q == address && rdata == 32'h1234_5678)
  `LAC_COVER(cover_error, bvalid && bresp == 2'b10)
  `LAC_COVER(cover_start, start)
  `LAC_COVER(cover_irq, irq)

endmodule
