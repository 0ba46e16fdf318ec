// SPDX-License-Identifier: Apache-2.0
//
// Lane of a PE of Cambricon-SE: weight decoder and multiplier.
//
//   code -> codebook or shift -> * neuron -> product
//
// With code4_i the low 4 bits of a code name a value of its region's codebook, else it is signed and is shifted
// by the region's shift.
// Example: code 0xFE, shift 4: weight -32.
// Streams: none. Time: valid_i and slot_i in cycle 0, code_i and books_i in 1, neuron_i, useful_o and padding_o
// in 2, product_o in 3.
// Latency: 3 cycles. Throughput: a product per cycle.
// Parameters: none
// Model: models/cambricon_se machine. Source: Zhou et al., "Cambricon-S", MICRO 2018, figure 14.

module lac_cse_lane #(
  localparam int BookBits = 16 * 16
) (
  input  logic                  clk_i,
  input  logic                  code4_i,
  input  logic                  valid_i,    // a survivor
  input  logic                  slot_i,
  input  logic [           7:0] code_i,
  input  logic [2*BookBits-1:0] books_i,    // of both slots
  input  logic [          15:0] neuron_i,
  output logic [          31:0] product_o,
  output logic                  useful_o,   // two numbers that are not zero
  output logic                  padding_o   // and others of a survivor
);

  logic valid_q, valid_qq, slot_q;
  logic [3:0] shift;
  logic [15:0] value0, value1, weight_q;
  logic signed [15:0] weight, neuron;

  assign shift  = slot_q ? books_i[BookBits+:4] : books_i[0+:4];
  assign value0 = books_i[32'(code_i[3:0])*16+:16];
  assign value1 = books_i[BookBits+32'(code_i[3:0])*16+:16];

  always_ff @(posedge clk_i) begin
    valid_q  <= valid_i;
    valid_qq <= valid_q;
    slot_q   <= slot_i;
    if (!valid_q) weight_q <= '0;
    else if (code4_i) weight_q <= slot_q ? value1 : value0;
    else weight_q <= {{8{code_i[7]}}, code_i} << shift;
    product_o <= 32'(weight) * 32'(neuron);
  end

  assign weight    = weight_q;
  assign neuron    = neuron_i;
  assign useful_o  = valid_qq & (weight_q != '0) & (neuron != '0);
  assign padding_o = valid_qq & ~useful_o;

endmodule
