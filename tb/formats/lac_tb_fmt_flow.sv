// SPDX-License-Identifier: Apache-2.0
//
// lac_tb_fmt_flow: lac_pipe, lac_fmt_stages, lac_fmt_late and lac_fmt_ones side by side.
//
// Purpose: what passes steps on, in one build. Place k of each control vector is of instance k:
//   0 to 2: lac_pipe of 0, 1 and 3 stages; 3, 4: lac_fmt_stages of 1 and 2; 5, 6: lac_fmt_late of 1
//   and 2; 7: lac_fmt_ones. Payloads and verdicts on late entries are common to all.

module lac_tb_fmt_flow
  import lac_fmt_pkg::*;
#(
  parameter  int NumSlots  = 64,
  parameter  int NumLanes  = 4,
  localparam int Num       = 8,
  localparam int SlotWidth = $clog2(NumSlots)
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          clr_i,         // of lac_pipe
  // steps
  output logic [               Num-1:0] ready_o,
  input  logic [               Num-1:0] beat_valid_i,
  input  logic [               Num-1:0] end_valid_i,
  input  logic [      Num*ErrWidth-1:0] end_err_i,
  input  logic [      Num*PosWidth-1:0] end_pos_i,
  // the same, later
  input  logic [               Num-1:0] ready_i,
  output logic [               Num-1:0] beat_valid_o,
  output logic [               Num-1:0] end_valid_o,
  output logic [      Num*ErrWidth-1:0] end_err_o,
  output logic [      Num*PosWidth-1:0] end_pos_o,
  output logic [             Num*4-1:0] en_o,
  // late entries: bit 0 of one stage, 1 of two
  output logic [                   1:0] entry_o,
  output logic [                   1:0] first_o,
  output logic [                   1:0] leave_o,
  input  logic [                   1:0] beat_i,
  input  logic [        2*ErrWidth-1:0] fault_i,
  // ones
  input  logic [          NumLanes-1:0] keep_i,
  input  logic [          NumSlots-1:0] mask_i,
  input  logic [           SlotWidth:0] used_i,
  input  logic [                   7:0] base_i,
  output logic [          NumLanes-1:0] keep_o,
  output logic [NumLanes*SlotWidth-1:0] slot_o,
  output logic [                   7:0] base_o
);

  // Nothing is unknown where there is nothing.
  logic [ErrWidth-1:0] err[Num];
  logic [PosWidth-1:0] pos[Num];
  logic [NumLanes-1:0] keep;
  logic [NumLanes*SlotWidth-1:0] slot;
  logic [7:0] base;
  for (genvar k = 0; k < Num; k++) begin : gen_known
    assign end_err_o[k*ErrWidth+:ErrWidth] = end_valid_o[k] ? err[k] : '0;
    assign end_pos_o[k*PosWidth+:PosWidth] = end_valid_o[k] ? pos[k] : '0;
  end
  assign {keep_o, slot_o, base_o} = beat_valid_o[7] ? {keep, slot, base} : '0;

  for (genvar k = 0; k < 3; k++) begin : gen_pipe
    localparam int Stages = k == 2 ? 3 : k;
    localparam int EnWidth = Stages > 0 ? Stages : 1;
    logic [EnWidth-1:0] en;
    lac_pipe #(
      .Stages(Stages)
    ) u_pipe (
      .clk_i,
      .rst_ni,
      .clr_i,
      .in_valid_i (beat_valid_i[k]),
      .in_ready_o (ready_o[k]),
      .out_valid_o(beat_valid_o[k]),
      .out_ready_i(ready_i[k]),
      .en_o       (en)
    );
    assign en_o[k*4+:4]   = 4'(en);
    assign end_valid_o[k] = 1'b0;
    assign err[k]         = '0;
    assign pos[k]         = '0;
  end

  for (genvar k = 3; k < 5; k++) begin : gen_stages
    localparam int Stages = k - 2;
    logic [Stages-1:0] en;
    lac_fmt_stages #(
      .Stages(Stages)
    ) u_stages (
      .clk_i,
      .rst_ni,
      .ready_o     (ready_o[k]),
      .beat_valid_i(beat_valid_i[k]),
      .end_valid_i (end_valid_i[k]),
      .end_err_i   (end_err_i[k*ErrWidth+:ErrWidth]),
      .end_pos_i   (end_pos_i[k*PosWidth+:PosWidth]),
      .ready_i     (ready_i[k]),
      .beat_valid_o(beat_valid_o[k]),
      .end_valid_o (end_valid_o[k]),
      .end_err_o   (err[k]),
      .end_pos_o   (pos[k]),
      .en_o        (en)
    );
    assign en_o[k*4+:4] = 4'(en);
  end

  for (genvar k = 5; k < 7; k++) begin : gen_late
    localparam int Stages = k - 4;
    logic [Stages-1:0] en;
    lac_fmt_late #(
      .Stages(Stages)
    ) u_late (
      .clk_i,
      .rst_ni,
      .ready_o      (ready_o[k]),
      .entry_valid_i(beat_valid_i[k]),
      .end_valid_i  (end_valid_i[k]),
      .end_err_i    (end_err_i[k*ErrWidth+:ErrWidth]),
      .end_pos_i    (end_pos_i[k*PosWidth+:PosWidth]),
      .en_o         (en),
      .entry_o      (entry_o[k-5]),
      .first_o      (first_o[k-5]),
      .leave_o      (leave_o[k-5]),
      .beat_i       (beat_i[k-5]),
      .fault_i      (fault_i[(k-5)*ErrWidth+:ErrWidth]),
      .ready_i      (ready_i[k]),
      .beat_valid_o (beat_valid_o[k]),
      .end_valid_o  (end_valid_o[k]),
      .end_err_o    (err[k]),
      .end_pos_o    (pos[k])
    );
    assign en_o[k*4+:4] = 4'(en);
  end

  assign en_o[7*4+:4] = '0;
  lac_fmt_ones #(
    .NumSlots (NumSlots),
    .NumLanes (NumLanes),
    .BaseWidth(8)
  ) u_ones (
    .clk_i,
    .rst_ni,
    .ready_o     (ready_o[7]),
    .beat_valid_i(beat_valid_i[7]),
    .keep_i,
    .mask_i,
    .used_i,
    .base_i,
    .end_valid_i (end_valid_i[7]),
    .end_err_i   (end_err_i[7*ErrWidth+:ErrWidth]),
    .end_pos_i   (end_pos_i[7*PosWidth+:PosWidth]),
    .ready_i     (ready_i[7]),
    .beat_valid_o(beat_valid_o[7]),
    .keep_o      (keep),
    .slot_o      (slot),
    .base_o      (base),
    .end_valid_o (end_valid_o[7]),
    .end_err_o   (err[7]),
    .end_pos_o   (pos[7])
  );

endmodule
