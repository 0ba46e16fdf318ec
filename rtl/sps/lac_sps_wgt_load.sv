// SPDX-License-Identifier: Apache-2.0
//
// Weight loader: words of the weight and the bias buffer, and the tables of the index unit.
//
//   words of the packet -> lac_array_wgt_load (sections) -> weights, biases
//                              ^ sizes of the tables    +-> rows of DIR, POS, KRES, RRES
//
// Layout of the packet and its sections: README.md beside this file. DIR, POS and KRES are written
// by
// stream words of 4, 8 and 16 entries, so a base is a multiple of that; addresses are those of
// stream words.
// Streams: pay, always ready. Throughput: one stream word per cycle.
// Latency: last stream word of a row to write 1 cycle. Model: models/sps packets.
// Parameters:
//   Rows        4..32, 4, 8, 16 or 32
//   Cols        4..32, 4, 8, 16 or 32
//   DataWidth   64
//   WgtWidth    8..16, 8 or 16
//   WgtDepth    1..16777216
//   BiasDepth   1..16777216
//   BiasWidth   2..32
//   MaxPeriod   1..16
//   TableDepth  1..256
//   MaxKt       1..1024
//   MaxCt       1..1024

`include "lac_assert.svh"

module lac_sps_wgt_load
  import lac_sps_cfg_pkg::*;
#(
  parameter  int Rows       = 16,
  parameter  int Cols       = 16,
  parameter  int DataWidth  = 64,
  parameter  int WgtWidth   = 16,
  parameter  int WgtDepth   = 8192,
  parameter  int BiasDepth  = 64,
  parameter  int BiasWidth  = 32,
  parameter  int MaxPeriod  = 16,
  parameter  int TableDepth = 144,
  parameter  int MaxKt      = 64,
  parameter  int MaxCt      = 128,
  localparam int RresWidth  = Rows * 4
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      clr_i,
  input  logic                      start_i,
  input  logic                      pay_valid_i,
  input  logic [     DataWidth-1:0] pay_data_i,
  input  logic [              31:0] pay_left_i,       // words of the packet behind this one
  output logic                      err_o,
  output logic [               7:0] err_code_o,
  output logic                      wr_wgt_o,
  output logic                      wr_bias_o,
  output logic                      wr_dir_o,
  output logic                      wr_pos_o,
  output logic                      wr_kres_o,
  output logic                      wr_rres_o,
  output logic [              23:0] wr_addr_o,
  output logic [ Cols*WgtWidth-1:0] wr_wgt_data_o,
  output logic [Cols*BiasWidth-1:0] wr_bias_data_o,
  output logic [     DataWidth-1:0] wr_table_data_o,
  output logic [     RresWidth-1:0] wr_rres_data_o
);

  `LAC_PARAM_RULE(lac_sps_wgt_load, Rows, 4, 32,
                  Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32, "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_sps_wgt_load, Cols, 4, 32,
                  Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32, "4, 8, 16 or 32")
  `LAC_PARAM(lac_sps_wgt_load, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_sps_wgt_load, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_sps_wgt_load, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_sps_wgt_load, BiasDepth, 1, 16777216)
  `LAC_PARAM(lac_sps_wgt_load, BiasWidth, 2, 32)
  `LAC_PARAM(lac_sps_wgt_load, MaxPeriod, 1, 16)
  `LAC_PARAM(lac_sps_wgt_load, TableDepth, 1, 256)
  `LAC_PARAM(lac_sps_wgt_load, MaxKt, 1, 1024)
  `LAC_PARAM(lac_sps_wgt_load, MaxCt, 1, 1024)

  localparam logic [3:0] KindDir = 4'(KIND_DIR), KindPos = 4'(KIND_POS);
  localparam logic [3:0] KindKres = 4'(KIND_KRES), KindRres = 4'(KIND_RRES);
  localparam int DirShift = 2, PosShift = 3, KresShift = 4;  // entries of a stream word, as a shift
  localparam int RresWords = (RresWidth + DataWidth - 1) / DataWidth;
  localparam int BusWidth = Cols * 32;  // of lac_array_wgt_load

  // header -------------------------------------------------------------------------------------
  // Each kind on its own, then one of them: so the longest way is that of one kind. No table has more
  // than 1024 entries, so words are counted from the low bits of a count: of more, nothing fits.
  localparam int LowWidth = 11;

  logic [3:0] h_kind, kind, wr_kind;
  logic [23:0] h_base, first;
  logic [LowWidth-1:0] low, up_dir, up_pos, up_kres;
  logic [24:0] h_end;
  logic [31:0] words;
  logic fits, wr_more;
  logic [BusWidth-1:0] data;

  assign h_kind  = pay_data_i[3:0];
  assign h_base  = pay_data_i[39:16];
  assign h_end   = 25'(h_base) + 25'(pay_data_i[63:40]);
  assign low     = pay_data_i[40+:LowWidth];
  assign up_dir  = (low >> DirShift) + LowWidth'(|low[DirShift-1:0]);
  assign up_pos  = (low >> PosShift) + LowWidth'(|low[PosShift-1:0]);
  assign up_kres = (low >> KresShift) + LowWidth'(|low[KresShift-1:0]);

  always_comb begin
    {fits, first, words} = '0;
    case (h_kind)
      KindDir: begin
        fits  = (h_base[DirShift-1:0] == '0) & (h_end <= 25'(MaxPeriod));
        first = h_base >> DirShift;
        words = 32'(up_dir);
      end
      KindPos: begin
        fits  = (h_base[PosShift-1:0] == '0) & (h_end <= 25'(TableDepth));
        first = h_base >> PosShift;
        words = 32'(up_pos);
      end
      KindKres: begin
        fits  = (h_base[KresShift-1:0] == '0) & (h_end <= 25'(MaxKt));
        first = h_base >> KresShift;
        words = 32'(up_kres);
      end
      KindRres: begin
        fits  = h_end <= 25'(MaxCt);
        first = h_base;
        words = 32'(low) * 32'(RresWords);
      end
      default: ;
    endcase
  end

  // sections -----------------------------------------------------------------------------------
  logic [11:0] unused_unit;

  lac_array_wgt_load #(
    .Cols(Cols),
    .DataWidth(DataWidth),
    .WgtBits(Cols * WgtWidth),
    .WgtDepth(WgtDepth),
    .BiasDepth(BiasDepth),
    .BiasWidth(BiasWidth)
  ) u_load (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clr_i         (clr_i),
    .start_i       (start_i),
    .pay_valid_i   (pay_valid_i),
    .pay_data_i    (pay_data_i),
    .pay_left_i    (pay_left_i),
    .more_ok_i     (fits),
    .more_words_i  (words),
    .more_addr_i   (first),
    .more_parts_i  (kind == KindRres ? 5'(RresWords - 1) : 5'd0),
    .kind_o        (kind),
    .err_o         (err_o),
    .err_code_o    (err_code_o),
    .wr_more_o     (wr_more),
    .wr_kind_o     (wr_kind),
    .wr_more_data_o(data),
    .wr_wgt_o      (wr_wgt_o),
    .wr_bias_o     (wr_bias_o),
    .wr_unit_o     (unused_unit),
    .wr_addr_o     (wr_addr_o),
    .wr_mark_o     (),
    .wr_wgt_data_o (wr_wgt_data_o),
    .wr_bias_data_o(wr_bias_data_o)
  );

  assign wr_dir_o        = wr_more & (wr_kind == KindDir);
  assign wr_pos_o        = wr_more & (wr_kind == KindPos);
  assign wr_kres_o       = wr_more & (wr_kind == KindKres);
  assign wr_rres_o       = wr_more & (wr_kind == KindRres);
  assign wr_table_data_o = data[0+:DataWidth];
  assign wr_rres_data_o  = data[0+:RresWidth];

  logic unused_data;
  assign unused_data = ^data;

  `LAC_ASSERT(known_kind, !wr_more || wr_dir_o || wr_pos_o || wr_kres_o || wr_rres_o,
              "a row of no table")
  `LAC_ASSERT(rres_range, !wr_rres_o || 32'(wr_addr_o) < 32'(MaxCt), "a word past RRES")
  `LAC_ASSERT(pos_range, !wr_pos_o || (32'(wr_addr_o) << PosShift) < 32'(TableDepth),
              "a row past POS")

endmodule
