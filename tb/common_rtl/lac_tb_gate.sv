// SPDX-License-Identifier: Apache-2.0
//
// lac_tb_gate: lac_clk_gate and lac_rst between registers of a free clock.
//
// Purpose: what goes from a register of the free clock to one of the gated clock and back arrives as
//   with one clock; edges of the gated clock are counted.

module lac_tb_gate (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       en_i,
  input  logic       test_en_i,
  input  logic       scan_mode_i,
  input  logic       clr_i,
  output logic [7:0] free_o,       // counts on the free clock
  output logic [7:0] taken_o,      // free_o as the gated clock saw it
  output logic [7:0] back_o,       // taken_o as the free clock saw it
  output logic [7:0] rises_o,      // edges of the gated clock
  output logic       rst_no
);

  logic clk_gated, rst_inner_n;

  lac_clk_gate u_gate (
    .clk_i,
    .en_i,
    .test_en_i,
    .clk_o(clk_gated)
  );
  lac_rst u_rst (
    .clk_i,
    .rst_ni,
    .scan_mode_i,
    .clr_i,
    .rst_no(rst_inner_n)
  );
  assign rst_no = rst_inner_n;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      free_o <= '0;
      back_o <= '0;
    end else begin
      free_o <= free_o + 8'd1;
      back_o <= taken_o;
    end
  end

  always_ff @(posedge clk_gated or negedge rst_ni) begin
    if (!rst_ni) begin
      taken_o <= '0;
    end else begin
      taken_o <= free_o;
    end
  end

  // Cleared by the internal reset, between edges.
  always_ff @(posedge clk_gated or negedge rst_inner_n) begin
    if (!rst_inner_n) rises_o <= '0;
    else rises_o <= rises_o + 8'd1;
  end

endmodule
