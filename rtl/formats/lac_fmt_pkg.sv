// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_pkg: error codes of the format decoders, and what they share.
//
// Purpose: one list for all decoders; what each code means is in the README of this folder, section
//   "Errors", and tests compare it with the models' `Fault`.
// Example: `module m import lac_fmt_pkg::*; (...)`, then `assign code = ErrIndex;`

package lac_fmt_pkg;

  localparam int ErrWidth = 4;  // width of out_err_o
  localparam int PosWidth = 32;  // width of out_pos_o and of counts

  localparam logic [ErrWidth-1:0] ErrNone = 4'd0;
  localparam logic [ErrWidth-1:0] ErrHeader = 4'd1;
  localparam logic [ErrWidth-1:0] ErrShort = 4'd2;
  localparam logic [ErrWidth-1:0] ErrLong = 4'd3;
  localparam logic [ErrWidth-1:0] ErrIndex = 4'd4;
  localparam logic [ErrWidth-1:0] ErrOrder = 4'd5;
  localparam logic [ErrWidth-1:0] ErrPlaceholder = 4'd6;
  localparam logic [ErrWidth-1:0] ErrCode = 4'd7;
  localparam logic [ErrWidth-1:0] ErrPointer = 4'd8;
  localparam logic [ErrWidth-1:0] ErrPadding = 4'd9;
  localparam logic [ErrWidth-1:0] ErrCount = 4'd10;

  // Formats of lac_fmt_inner.
  localparam int InnerDense = 0;
  localparam int InnerBitmap = 1;
  localparam int InnerRle = 2;

  // Words in the window of an inner format with entries of so many bits.
  function automatic int inner_words(input int inner, input int entry_width, input int word_width);
    inner_words = inner == InnerBitmap || (inner == InnerRle && entry_width > word_width) ? 2 : 1;
  endfunction

endpackage
