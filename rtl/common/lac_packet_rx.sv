// SPDX-License-Identifier: Apache-2.0
//
// Packet receiver: checks the framing of an AXI4-Stream packet and hands on its payload.
//
//   word 0        {Magic, count}           count in units of the payload, PerWord per word
//   word 1..n     payload, n = ceil(count / PerWord) * WordsPer, tlast on word n exactly
//
// PerWord is for units smaller than a word, WordsPer for units of several words; one of them is 1.
// A count whose words do not fit 32 bits is only told from others with CheckCount.
// A wrong magic or count, an early or a missing tlast raises err (one cycle) with its code and the
// beat; the rest of the packet is then discarded to tlast. abort_i discards the packet in progress,
// or the one already waiting if pending_i says that this run still expects one.
//
// Streams: s_axis in; pay out. s_axis_tready is combinational from pay_ready_i.
// Throughput: one word per cycle. Latency: combinational.
// Model: models/socket.py.
module lac_packet_rx #(
  parameter int          DataWidth  = 64,
  parameter logic [31:0] Magic      = 32'd0,
  parameter int          PerWord    = 1,
  parameter int          WordsPer   = 1,
  parameter bit          CheckCount = 0,  // the count must equal count_i
  parameter int          ErrHeader  = 2,
  parameter int          ErrShort   = 3,
  parameter int          ErrLong    = 4
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clr_i,
  input  logic                 start_i,
  input  logic                 abort_i,
  input  logic                 pending_i,
  input  logic [31:0]          count_i,
  output logic                 busy_o,
  output logic                 done_o,
  output logic                 err_valid_o,
  output logic [7:0]           err_code_o,
  output logic [31:0]          err_pos_o,
  input  logic [DataWidth-1:0] s_axis_tdata,
  input  logic                 s_axis_tvalid,
  output logic                 s_axis_tready,
  input  logic                 s_axis_tlast,
  output logic                 pay_valid_o,
  input  logic                 pay_ready_i,
  output logic [DataWidth-1:0] pay_data_o,
  output logic [31:0]          pay_left_o,  // words of the packet after this one
  output logic [31:0]          pay_beat_o
);

  typedef enum logic [1:0] {StIdle, StMagic, StPayload, StDrain} state_e;
  state_e      state_q, state_d;
  logic [31:0] left_q, left, beat_q, words;
  logic        beat, ends, is_short, is_long, bad_header, first;

  assign first = state_q == StMagic;
  assign words = 32'((33'(s_axis_tdata[31:0]) + 33'(PerWord - 1)) / 33'(PerWord))
               * 32'(WordsPer);
  assign left  = first ? words : left_q - 32'd1;  // after this beat
  assign beat  = s_axis_tvalid & s_axis_tready;

  assign bad_header = first & ((s_axis_tdata[DataWidth-1 -: 32] != Magic)
                               | (CheckCount & (s_axis_tdata[31:0] != count_i)));
  assign is_short   = s_axis_tlast & (left != 32'd0);
  assign is_long    = ~s_axis_tlast & (left == 32'd0);
  assign ends       = s_axis_tlast & (left == 32'd0);

  assign s_axis_tready = (state_q == StMagic) | (state_q == StDrain)
                       | ((state_q == StPayload) & pay_ready_i);
  assign pay_valid_o = (state_q == StPayload) & s_axis_tvalid;
  assign pay_data_o  = s_axis_tdata;
  assign pay_left_o  = left;
  assign pay_beat_o  = beat_q;
  assign busy_o      = state_q != StIdle;

  assign err_valid_o = beat & (state_q != StDrain) & (bad_header | is_short | is_long);
  assign err_code_o  = bad_header ? 8'(ErrHeader) : is_short ? 8'(ErrShort) : 8'(ErrLong);
  assign err_pos_o   = beat_q;
  assign done_o      = beat & (state_q != StDrain) & ~bad_header & ends;

  always_comb begin
    state_d = state_q;
    case (state_q)
      StIdle: begin
        if (start_i) state_d = StMagic;
        else if (abort_i && pending_i && s_axis_tvalid) state_d = StDrain;
      end
      StMagic, StPayload: begin
        if (beat) begin
          if (s_axis_tlast) state_d = StIdle;
          else if (abort_i || bad_header || is_long) state_d = StDrain;
          else state_d = StPayload;
        end else if (abort_i) begin
          if (state_q == StPayload || s_axis_tvalid) state_d = StDrain;
          else state_d = StIdle;
        end
      end
      default: if (beat && s_axis_tlast) state_d = StIdle;
    endcase
    if (clr_i) state_d = StIdle;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= StIdle;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin
    if (start_i) beat_q <= 32'd0;
    else if (beat) beat_q <= beat_q + 32'd1;
    if (beat) left_q <= left;
  end

endmodule
