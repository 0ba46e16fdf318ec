// SPDX-License-Identifier: Apache-2.0
//
// Packet receiver: checks the framing of an AXI4-Stream packet and hands on its payload.
//
//   word 0        {Magic, count}           count in units of the payload, PerWord per word
//   word 1..n     payload, n = ceil(count / PerWord) * WordsPer, tlast on word n exactly
//
// PerWord is for units smaller than a word, WordsPer for units of several words; one of them is 1.
// A count whose words do not fit 32 bits is only told from others with CheckCount. With it, count_i all
// ones takes any packet but an empty one; its header counts stream words.
// A wrong magic or count, an early or a missing tlast raises err (one cycle) with its code and the
// beat; the rest of the packet is then discarded to tlast.
//
// One rule for what nobody wants any more: a packet of which a word was taken is taken to its tlast,
// whatever happens meanwhile, and start_i waits for that end.
//   discard_i  level, from an error to the soft reset: every word that comes is taken and dropped
//   clr_i      soft reset: no packet is expected any more, the one under way is dropped to tlast
//   forget_i   the host has taken its packets back: the one under way will not come to its end
// Example: 2 words of 7 are taken, clr_i, start_i: 5 words are dropped, the next one is word 0.
//
// packets_o, the receiver's half of PACKETS: {in the middle of a packet, packets since pass_i}. What
// counts has begun behind pass_i and was taken to tlast, good or not; at most 2^15 - 1.
//
// Streams: s_axis in; pay out. s_axis_tready is combinational from pay_ready_i and discard_i, so
// discard_i comes from a register.
// Throughput: one word per cycle. Latency: combinational.
// Parameters:
//   DataWidth   64
//   Magic       any
//   PerWord     1..64
//   WordsPer    1..64, 1 unless PerWord is 1
//   CheckCount  any
//   ErrHeader   0..255
//   ErrShort    0..255
//   ErrLong     0..255
// Model: models/socket.py.

`include "lac_assert.svh"

module lac_packet_rx #(
  parameter  int          DataWidth  = 64,
  parameter  logic [31:0] Magic      = 32'd0,
  parameter  int          PerWord    = 1,
  parameter  int          WordsPer   = 1,
  parameter  bit          CheckCount = 0,      // the count must equal count_i
  parameter  int          ErrHeader  = 2,
  parameter  int          ErrShort   = 3,
  parameter  int          ErrLong    = 4,
  localparam int          NumWidth   = 15
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clr_i,
  input  logic                 pass_i,         // a pass begins
  input  logic                 start_i,        // take a packet
  input  logic                 discard_i,
  input  logic                 forget_i,
  input  logic [         31:0] count_i,        // all ones: any
  output logic                 busy_o,
  output logic [   NumWidth:0] packets_o,
  output logic                 done_o,
  output logic                 err_valid_o,
  output logic [          7:0] err_code_o,
  output logic [         31:0] err_pos_o,
  input  logic [DataWidth-1:0] s_axis_tdata,
  input  logic                 s_axis_tvalid,
  output logic                 s_axis_tready,
  input  logic                 s_axis_tlast,
  output logic                 pay_valid_o,
  input  logic                 pay_ready_i,
  output logic [DataWidth-1:0] pay_data_o,
  output logic [         31:0] pay_left_o,     // words of the packet after this one
  output logic [         31:0] pay_beat_o
);

  `LAC_PARAM(lac_packet_rx, DataWidth, 64, 64)
  `LAC_PARAM(lac_packet_rx, PerWord, 1, 64)
  `LAC_PARAM_RULE(lac_packet_rx, WordsPer, 1, 64, WordsPer == 1 || PerWord == 1,
                  "1 unless PerWord is 1")
  `LAC_PARAM(lac_packet_rx, ErrHeader, 0, 255)
  `LAC_PARAM(lac_packet_rx, ErrShort, 0, 255)
  `LAC_PARAM(lac_packet_rx, ErrLong, 0, 255)

  // StPayload and StDrain: in the middle of a packet.
  typedef enum logic [1:0] {
    StIdle,
    StMagic,
    StPayload,
    StDrain
  } state_e;
  state_e state_q, state_d;
  logic        waits_q;  // start_i came, the packet before has to end first
  logic        stale_q;  // the packet under way has begun before the pass
  logic [31:0] after_q;  // words behind the next one, so that no subtraction is in their way
  logic [31:0] left, beat_q, words;
  logic beat, last_beat, in_packet, is_short, is_long, bad_header, any_count, first, checks;
  logic [NumWidth-1:0] num_q;

  assign first = state_q == StMagic;
  assign any_count = CheckCount & (count_i == '1);
  assign words = any_count ? s_axis_tdata[31:0]
      : 32'((33'(s_axis_tdata[31:0]) + 33'(PerWord - 1)) / 33'(PerWord)) * 32'(WordsPer);
  assign left = first ? words : after_q;  // after this beat
  assign beat = s_axis_tvalid & s_axis_tready;
  assign last_beat = beat & s_axis_tlast;
  // In the middle of a packet behind this cycle.
  assign in_packet = ~forget_i
                   & (beat ? ~s_axis_tlast : (state_q == StPayload) | (state_q == StDrain));

  assign bad_header = first & ((s_axis_tdata[DataWidth-1 -: 32] != Magic)
                               | (any_count & (s_axis_tdata[31:0] == '0))
                               | (CheckCount & ~any_count & (s_axis_tdata[31:0] != count_i)));
  assign is_short = s_axis_tlast & (left != 32'd0);
  assign is_long = ~s_axis_tlast & (left == 32'd0);

  assign s_axis_tready = (state_q == StMagic) | (state_q == StDrain) | discard_i
                       | ((state_q == StPayload) & pay_ready_i);
  assign pay_valid_o = (state_q == StPayload) & s_axis_tvalid & ~discard_i;
  assign pay_data_o = s_axis_tdata;
  assign pay_left_o = after_q;
  assign pay_beat_o = beat_q;
  assign busy_o = state_q != StIdle;
  assign packets_o = {(state_q == StPayload) | (state_q == StDrain), num_q};

  assign checks = beat & ((state_q == StMagic) | (state_q == StPayload)) & ~discard_i;
  assign err_valid_o = checks & (bad_header | is_short | is_long);
  assign err_code_o = bad_header ? 8'(ErrHeader) : is_short ? 8'(ErrShort) : 8'(ErrLong);
  assign err_pos_o = beat_q;
  assign done_o = checks & ~bad_header & s_axis_tlast & (left == 32'd0);

  always_comb begin
    state_d = state_q;
    if (clr_i || discard_i || forget_i) begin
      if (in_packet) state_d = StDrain;
      else state_d = StIdle;
    end else begin
      case (state_q)
        StIdle: if (start_i) state_d = StMagic;
        StMagic, StPayload: begin
          if (last_beat) state_d = StIdle;
          else if (beat && (bad_header || is_long)) state_d = StDrain;
          else if (beat) state_d = StPayload;
        end
        default: begin
          if (last_beat && (start_i || waits_q)) state_d = StMagic;
          else if (last_beat) state_d = StIdle;
        end
      endcase
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      waits_q <= 1'b0;
      stale_q <= 1'b0;
      num_q   <= '0;
    end else begin
      state_q <= state_d;
      waits_q <= (waits_q | start_i) & (state_q == StDrain) & (state_d == StDrain)
               & ~(clr_i | discard_i | forget_i);
      stale_q <= in_packet & (stale_q | pass_i);
      if (pass_i) num_q <= '0;
      else if (last_beat && !stale_q && num_q != '1) num_q <= num_q + NumWidth'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i || forget_i || last_beat) beat_q <= 32'd0;
    else if (beat) beat_q <= beat_q + 32'd1;
    if (beat) after_q <= left - 32'd1;
  end

  // A word that comes while no packet is expected may be taken back.
  `LAC_STREAM_CLR(s_axis_tvalid, s_axis_tready, {s_axis_tlast, s_axis_tdata}, !busy_o)
  `LAC_STREAM_CLR(pay_valid_o, pay_ready_i, {pay_beat_o, pay_left_o, pay_data_o},
                  clr_i || discard_i || forget_i)
  `LAC_ASSERT(one_verdict, !(done_o && err_valid_o), "a packet both good and bad")
  `LAC_ASSERT(start_between,
              !start_i || clr_i || discard_i || forget_i || state_q == StIdle || state_q == StDrain,
              "start while a packet is taken")
  `LAC_ASSERT(payload_comes, state_q != StPayload || after_q != '1,
              "behind the last word of its count")
  `LAC_ASSERT(payload_counted, state_q != StPayload || beat_q != 32'd0, "payload without a header")
  `LAC_ASSERT(waits_for_end, !waits_q || state_q == StDrain, "a start waits for no packet")
  `LAC_ASSERT(stale_inside, !stale_q || state_q == StPayload || state_q == StDrain,
              "an old packet outside of a packet")

endmodule
