// SPDX-License-Identifier: Apache-2.0
//
// Core of Cambricon-SE: geometry, loaders, the cores that share the inputs, and results, for lac_socket.
//
//   wgt_i -> lac_cse_wgt_load -> lists, codes, codebooks, biases -+
//   act_i (-> lac_cse_unpack) -> lac_cse_act_load -> neuron buffers ------------------+-> Cores x lac_cse_node -> lac_array_out (-> lac_cse_pack) -> result_o
//   cfg_i -> lac_cse_geom ----------------------------------------'        '--> lac_cse_events -> events_o
//
// Groups of outputs go to the cores in turn; the pass ends with the slowest one, and results leave group
// by group, from the core that has it.
// Function, formats, registers, parameters and cycles: README.md beside this file; what a core does:
// docs/socket.md, "Inside". Throughput: Cores * Pes * Lanes multiplies per cycle.
// Parameters:
//   Cores      1..4, 1, 2 or 4
//   Pes        2..16, 2, 4, 8 or 16
//   Lanes      2..16, 2, 4, 8 or 16
//   Window     8..256, a power of two, at least Lanes
//   CodeRow    4..256, at most Window, a multiple of Lanes
//   Selector   0..2
//   DataWidth  64
//   ActDepth   2..65536
//   ListDepth  2..65536
//   Regions    1..16
//   AccDepth   1..65536
//   AccWidth   17..48
//   BiasDepth  1..4096
//   BiasWidth  2..32, at most AccWidth
//   HufLanes   0..16, 0, 8 or 16
// Small: Pes 2, Lanes 2, Window 8, CodeRow 4.
// Source: Zhou et al., "Cambricon-S", MICRO 2018; Zeng et al., "Cambricon-SE", IEEE TC 2020. Model: models/cambricon_se.

`include "lac_assert.svh"

module lac_cse_core
  import lac_pkg::*, lac_socket_pkg::*, lac_cambricon_se_cfg_pkg::*, lac_cse_pkg::*;
#(
  parameter int Cores     = 2,
  parameter int Pes       = 16,
  parameter int Lanes     = 16,
  parameter int Window    = 128,
  parameter int CodeRow   = 64,
  parameter int Selector  = 0,
  parameter int DataWidth = 64,
  parameter int ActDepth  = 1024,
  parameter int ListDepth = 256,
  parameter int Regions   = 16,
  parameter int AccDepth  = 1024,
  parameter int AccWidth  = 48,
  parameter int BiasDepth = 64,
  parameter int BiasWidth = 32,
  parameter int HufLanes  = 16
) (
  input  logic                                   clk_i,
  input  logic                                   rst_ni,
  input  lac_mem_cfg_t                           mem_cfg_i,
  output logic                  [NUM_CAP*32-1:0] cap_o,
  input  lac_cambricon_se_cfg_t                  cfg_i,
  input  lac_pass_t                              pass_i,
  output lac_core_t                              core_o,
  input  lac_word_t                              wgt_i,
  output logic                                   wgt_ready_o,
  input  lac_word_t                              act_i,
  output logic                                   act_ready_o,
  output lac_result_t                            result_o,
  input  logic                                   result_ready_i,
  output lac_events_t                            events_o
);

  `LAC_PARAM_RULE(lac_cse_core, Cores, 1, 4, Cores != 3, "1, 2 or 4")
  `LAC_PARAM_RULE(lac_cse_core, Pes, 2, 16, Pes == 2 || Pes == 4 || Pes == 8 || Pes == 16,
                  "2, 4, 8 or 16")
  `LAC_PARAM_RULE(lac_cse_core, Lanes, 2, 16,
                  Lanes == 2 || Lanes == 4 || Lanes == 8 || Lanes == 16, "2, 4, 8 or 16")
  `LAC_PARAM_RULE(lac_cse_core, Window, 8, 256, (Window & (Window - 1)) == 0 && Window >= Lanes,
                  "a power of two, at least Lanes")
  `LAC_PARAM_RULE(lac_cse_core, CodeRow, 4, 256, CodeRow <= Window && CodeRow % Lanes == 0,
                  "at most Window, a multiple of Lanes")
  `LAC_PARAM(lac_cse_core, Selector, 0, 2)
  `LAC_PARAM(lac_cse_core, DataWidth, 64, 64)
  `LAC_PARAM(lac_cse_core, ActDepth, 2, 65536)
  `LAC_PARAM(lac_cse_core, ListDepth, 2, 65536)
  `LAC_PARAM(lac_cse_core, Regions, 1, 16)
  `LAC_PARAM(lac_cse_core, AccDepth, 1, 65536)
  `LAC_PARAM(lac_cse_core, AccWidth, 17, 48)
  `LAC_PARAM(lac_cse_core, BiasDepth, 1, 4096)
  `LAC_PARAM_RULE(lac_cse_core, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")
  `LAC_PARAM_RULE(lac_cse_core, HufLanes, 0, 16, HufLanes == 0 || HufLanes == 8 || HufLanes == 16,
                  "0, 8 or 16")

  localparam int NumPe = Cores * Pes;
  localparam int NumParts = Window / 4;
  localparam int ActAddr = `LAC_INDEX_BITS(ActDepth);
  localparam int AccAddr = `LAC_INDEX_BITS(AccDepth);
  localparam int ShiftWidth = $clog2(AccWidth);
  localparam int CoreLog = $clog2(Cores);
  localparam int CoreBits = `LAC_INDEX_BITS(Cores);
  localparam int PeLog = $clog2(Pes);
  localparam int SizeWidth = 19;  // of a number of results

  // fields --------------------------------------------------------------------------------------
  lac_cambricon_se_cap_t cap;
  logic [31:0] shift;

  assign cap.rsvd       = '0;
  assign cap.huf_lanes  = 8'(HufLanes);
  assign cap.wgt_width  = 8'd16;
  assign cap.act_width  = 8'd16;
  assign cap.bias_width = 8'(BiasWidth);
  assign cap.acc_width  = 8'(AccWidth);
  assign cap.regions    = 8'(Regions);
  assign cap.bias_depth = 16'(BiasDepth);
  assign cap.acc_depth  = 32'(AccDepth);
  assign cap.list_depth = 32'(ListDepth);
  assign cap.act_depth  = 32'(ActDepth);
  assign cap.code_row   = 16'(CodeRow);
  assign cap.window     = 16'(Window);
  assign cap.selector   = 8'(Selector);
  assign cap.lanes      = 8'(Lanes);
  assign cap.pes        = 8'(Pes);
  assign cap.cores      = 8'(Cores);
  assign cap_o          = cap;

  assign shift          = cfg_i.shift;

  // Phases are the socket's; the low bits of what is checked say it all.
  logic unused_bits;
  assign unused_bits = ^{cfg_i, pass_i, wgt_i.bad, act_i.bad, shift};

  // geometry --------------------------------------------------------------------------------------
  lac_cse_walk_t walk;

  lac_cse_geom #(
    .Cores    (Cores),
    .ActDepth (ActDepth),
    .AccDepth (AccDepth),
    .AccWidth (AccWidth),
    .BiasDepth(BiasDepth),
    .HufLanes (HufLanes)
  ) u_geom (
    .clk_i,
    .rst_ni,
    .start_i  (pass_i.check),
    .cfg_i    (cfg_i),
    .done_o   (core_o.check_done),
    .bad_o    (core_o.check_bad),
    .bad_idx_o(core_o.check_idx),
    .walk_o   (walk)
  );
  // Packed it is as long as it is.
  logic packed_in;
  assign packed_in = cfg_i.mode.packed_in;
  assign core_o.act_count = packed_in ? '1 : 32'(walk.rows);

  // loaders ---------------------------------------------------------------------------------------
  logic [Cores-1:0] wr_list, wr_book;
  logic [NumPe-1:0] wr_codes, wr_mask, wr_bias_low, wr_bias_high;
  logic [15:0] wr_addr;
  logic [ 4:0] wr_part;
  logic [63:0] wr_data, wr_high, act_data;
  logic wr_both, huf_step;
  logic [NumParts-1:0] act_part;
  logic [ ActAddr-1:0] act_addr;
  logic [  Window-1:0] act_flags;
  logic wr_ends, act_ends, unpack_ready, unpack_err, unpacked_valid;
  logic [63:0] unpacked;

  assign act_ready_o = ~packed_in | unpack_ready;

  // A row has Window / Each masks.
  localparam int Each = Window < 16 ? Window : 16;

  lac_cse_unpack #(
    .Each    (Each),
    .ErrShort(ERR_ACT_SHORT),
    .ErrLong (ERR_ACT_LONG),
    .ErrValue(ERR_ACT_VALUE)
  ) u_unpack (
    .clk_i,
    .rst_ni,
    .clr_i      (pass_i.clr),
    .start_i    (pass_i.load_act),
    .masks_i    (21'(walk.rows) << $clog2(Window / Each)),
    .in_valid_i (act_i.valid & packed_in),
    .in_ready_o (unpack_ready),
    .in_data_i  (act_i.data),
    .in_last_i  (act_i.left == '0),
    .err_o      (unpack_err),
    .err_code_o (core_o.act_code),
    .out_valid_o(unpacked_valid),
    .out_data_o (unpacked)
  );
  assign core_o.act_err = unpack_err;

  lac_cse_wgt_load #(
    .Cores    (Cores),
    .Pes      (Pes),
    .Lanes    (Lanes),
    .Window   (Window),
    .CodeRow  (CodeRow),
    .Selector (Selector),
    .ListDepth(ListDepth),
    .Regions  (Regions),
    .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth),
    .HufLanes (HufLanes)
  ) u_wgt_load (
    .clk_i,
    .rst_ni,
    .mem_cfg_i,
    .clr_i         (pass_i.clr),
    .start_i       (pass_i.load_wgt),
    .huffman_i     (cfg_i.mode.huffman),
    .pay_valid_i   (wgt_i.valid),
    .pay_ready_o   (wgt_ready_o),
    .pay_data_i    (wgt_i.data),
    .pay_left_i    (wgt_i.left),
    .err_o         (core_o.wgt_err),
    .err_code_o    (core_o.wgt_code),
    .step_o        (huf_step),
    .wr_list_o     (wr_list),
    .wr_book_o     (wr_book),
    .wr_codes_o    (wr_codes),
    .wr_mask_o     (wr_mask),
    .wr_bias_low_o (wr_bias_low),
    .wr_bias_high_o(wr_bias_high),
    .wr_addr_o     (wr_addr),
    .wr_part_o     (wr_part),
    .wr_ends_o     (wr_ends),
    .wr_data_o     (wr_data),
    .wr_both_o     (wr_both),
    .wr_high_o     (wr_high)
  );

  lac_cse_act_load #(
    .Window  (Window),
    .ActDepth(ActDepth)
  ) u_act_load (
    .clk_i,
    .rst_ni,
    .clr_i      (pass_i.clr),
    .start_i    (pass_i.load_act),
    .pay_valid_i(packed_in ? unpacked_valid : act_i.valid),
    .pay_data_i (packed_in ? unpacked : act_i.data),
    .wr_part_o  (act_part),
    .wr_ends_o  (act_ends),
    .wr_addr_o  (act_addr),
    .wr_data_o  (act_data),
    .wr_flags_o (act_flags)
  );

  // cores -----------------------------------------------------------------------------------------
  logic [Cores-1:0] ended, done, done_q, idle, err, out_rd;
  logic [Cores*Pes*AccWidth-1:0] accs;
  logic [Cores*EVENT_BITS-1:0] node_events;
  logic [Cores*8-1:0] err_code;
  logic [Cores*4-1:0] err_pe;
  logic [Cores*24-1:0] err_detail;
  logic [AccAddr-1:0] out_addr;

  for (genvar c = 0; c < Cores; c++) begin : gen_core
    logic [16:0] groups_up;
    logic [15:0] groups;
    lac_cse_event_t node_event;
    assign groups_up = 17'(walk.groups) + 17'(Cores - 1 - c);
    assign groups = 16'(groups_up >> CoreLog);
    assign idle[c] = groups == '0;
    assign node_events[c*EVENT_BITS+:EVENT_BITS] = node_event;

    lac_cse_node #(
      .Pes      (Pes),
      .Lanes    (Lanes),
      .Window   (Window),
      .CodeRow  (CodeRow),
      .Selector (Selector),
      .ActDepth (ActDepth),
      .ListDepth(ListDepth),
      .Regions  (Regions),
      .AccDepth (AccDepth),
      .AccWidth (AccWidth),
      .BiasDepth(BiasDepth),
      .BiasWidth(BiasWidth)
    ) u_node (
      .clk_i,
      .rst_ni,
      .mem_cfg_i,
      .clr_i         (pass_i.clr),
      .start_i       (pass_i.compute),
      .walk_i        (walk),
      .groups_i      (groups),
      .code4_i       (cfg_i.mode.code4),
      .keep_i        (cfg_i.mode.acc_keep),
      .use_bias_i    (cfg_i.mode.bias),
      .wr_list_i     (wr_list[c]),
      .wr_book_i     (wr_book[c]),
      .wr_codes_i    (wr_codes[c*Pes+:Pes]),
      .wr_mask_i     (wr_mask[c*Pes+:Pes]),
      .wr_bias_low_i (wr_bias_low[c*Pes+:Pes]),
      .wr_bias_high_i(wr_bias_high[c*Pes+:Pes]),
      .wr_addr_i     (wr_addr),
      .wr_part_i     (wr_part),
      .wr_data_i     (wr_data),
      .wr_both_i     (wr_both),
      .wr_high_i     (wr_high),
      .wr_act_part_i (act_part),
      .wr_act_ends_i (act_ends),
      .wr_act_addr_i (act_addr),
      .wr_act_data_i (act_data),
      .wr_act_flags_i(act_flags),
      .out_rd_en_i   (out_rd[c]),
      .out_rd_addr_i (out_addr),
      .accs_o        (accs[c*Pes*AccWidth+:Pes*AccWidth]),
      .ended_o       (ended[c]),
      .done_o        (done[c]),
      .err_o         (err[c]),
      .err_code_o    (err_code[c*8+:8]),
      .err_pe_o      (err_pe[c*4+:4]),
      .err_detail_o  (err_detail[c*24+:24]),
      .event_o       (node_event)
    );
  end

  // The barrier: the end of the slowest.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) done_q <= '0;
    else if (pass_i.clr || pass_i.compute) done_q <= '0;
    else done_q <= done_q | done;
  end
  assign core_o.done = (|done) & (&(done_q | done | idle));

  logic one_err;
  logic [CoreBits-1:0] err_core;
  logic [3:0] of_pe;
  logic [7:0] of_core;

  lac_ffs #(
    .Width(Cores)
  ) u_err (
    .in_i    (err),
    .valid_o (one_err),
    .index_o (err_core),
    .onehot_o()
  );
  assign of_pe = err_pe[32'(err_core)*4+:4];
  assign of_core = 8'(err_core);
  assign core_o.err = one_err;
  assign core_o.err_code = err_code[32'(err_core)*8+:8];
  // Of an overflow the PE among all, of a list the core.
  assign core_o.err_pos = {
    core_o.err_code == 8'(ERR_ACC_OVERFLOW) ? (of_core << PeLog) | 8'(of_pe) : of_core,
    err_detail[32'(err_core)*24+:24]
  };

  // results: group by group, from its core ----------------------------------------------------------
  logic rd_en, group_ends, packed_out, plain_valid, plain_ready, plain_last;
  logic pack_ready, pack_valid, pack_last;
  logic [63:0] plain_data, pack_data;
  logic [CoreBits-1:0] rd_core_q, from_q;
  logic [16:0] pixel_q;
  logic [AccAddr-1:0] base_q, unused_addr;
  logic [Pes*AccWidth-1:0] sums;

  assign group_ends = pixel_q == walk.pixels - 17'd1;
  assign out_addr   = base_q + AccAddr'(pixel_q);
  assign sums       = accs[32'(from_q)*Pes*AccWidth+:Pes*AccWidth];
  for (genvar c = 0; c < Cores; c++) begin : gen_read
    assign out_rd[c] = rd_en & (rd_core_q == CoreBits'(c));
  end
  `LAC_ASSERT(one_core_read, $onehot0(out_rd), "sums of two cores are read at once")

  always_ff @(posedge clk_i) begin
    if (pass_i.emit) begin
      rd_core_q <= '0;
      pixel_q   <= '0;
      base_q    <= '0;
    end else if (rd_en) begin
      pixel_q <= group_ends ? '0 : pixel_q + 17'd1;
      if (group_ends)
        rd_core_q <= rd_core_q == CoreBits'(Cores - 1) ? '0 : rd_core_q + CoreBits'(1);
      if (group_ends && rd_core_q == CoreBits'(Cores - 1)) base_q <= base_q + AccAddr'(walk.pixels);
    end
    if (rd_en) from_q <= rd_core_q;
  end

  lac_array_out #(
    .Cols     (Pes),
    .DataWidth(DataWidth),
    .ActWidth (16),
    .AccWidth (AccWidth),
    .AddrWidth(AccAddr),
    .SizeWidth(SizeWidth)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clr_i         (pass_i.clr),
    .start_i       (pass_i.emit),
    .count_i       (walk.results),
    .shift_i       (shift[ShiftWidth-1:0]),
    .relu_i        (cfg_i.mode.relu),
    .rd_en_o       (rd_en),
    .rd_addr_o     (unused_addr),
    .acc_i         (sums),
    .result_valid_o(plain_valid),
    .result_ready_i(plain_ready),
    .result_data_o (plain_data),
    .result_last_o (plain_last)
  );

  lac_cse_pack #(
    .Pes(Pes)
  ) u_pack (
    .clk_i,
    .rst_ni,
    .clr_i      (pass_i.clr),
    .in_valid_i (plain_valid & packed_out),
    .in_ready_o (pack_ready),
    .in_data_i  (plain_data),
    .in_last_i  (plain_last),
    .out_valid_o(pack_valid),
    .out_ready_i(result_ready_i),
    .out_data_o (pack_data),
    .out_last_o (pack_last)
  );
  assign packed_out     = cfg_i.mode.packed_out;
  assign plain_ready    = packed_out ? pack_ready : result_ready_i;
  assign result_o.valid = packed_out ? pack_valid : plain_valid;
  assign result_o.data  = packed_out ? pack_data : plain_data;
  assign result_o.last  = packed_out ? pack_last : plain_last;

  // events ----------------------------------------------------------------------------------------
  lac_cse_events #(
    .Cores  (Cores),
    .Pes    (Pes),
    .Lanes  (Lanes),
    .Window (Window),
    .CodeRow(CodeRow),
    .PerPe  (Selector == SELECT_PER_PE)
  ) u_events (
    .clk_i,
    .rst_ni,
    .pass_i,
    .cores_i   (node_events),
    .ended_i   (ended),
    .keep_i    (cfg_i.mode.acc_keep),
    .out_rd_i  (rd_en),
    .wr_codes_i(wr_ends & (|wr_codes)),
    .wr_entry_i(wr_ends & (|wr_list || |wr_mask)),
    .wr_row_i  (act_ends),
    .word_in_i (act_i.valid & act_ready_o),
    .word_wgt_i(wgt_i.valid & wgt_ready_o),
    .decode_i  (huf_step),
    .word_out_i(result_o.valid & result_ready_i),
    .step_o    (core_o.progress),
    .events_o
  );

  `LAC_STREAM_CLR(result_o.valid, result_ready_i, {result_o.data, result_o.last}, pass_i.clr)
  `LAC_ASSERT(done_in_compute, !core_o.done || pass_i.clr || pass_i.phase == 4'(PHASE_COMPUTE),
              "an end outside of Compute")
  `LAC_ASSERT(results_in_output, !rd_en || pass_i.clr || pass_i.phase == 4'(PHASE_OUTPUT),
              "sums are read out before they are done")
  `LAC_ASSERT(err_of_word, !core_o.wgt_err || wgt_i.valid,
              "an error of a weight word that is not there")
  `LAC_ASSERT(idle_rests, (done & idle) == '0, "a core without groups ends")
  `LAC_ASSERT(one_reader, $onehot0(out_rd), "two cores are read at once")

endmodule
