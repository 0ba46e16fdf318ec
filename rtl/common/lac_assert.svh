// SPDX-License-Identifier: Apache-2.0
//
// lac_assert: assertion macros of the house.
//
// Purpose: one way to state a rule of a module, live in Verilator; Icarus 11 cannot parse
//   concurrent assertions, so there all but LAC_ASSERT_INIT expand to nothing.
// Use: `include "lac_assert.svh" after the SPDX header; every macro but LAC_ASSERT_INIT and the
//   _CLK ones samples on posedge clk_i and is off while rst_ni is low. No semicolon after a macro.
//
//   `LAC_ASSERT(name, expr, msg)                  expr holds at every clock edge
//   `LAC_ASSERT_CLK(name, expr, msg)              the same in a module without a reset
//   `LAC_STREAM(valid, ready, data)               valid stays and data is stable until ready
//   `LAC_STREAM_CLR(valid, ready, data, clr)      the same, except across a cycle with clr high
//   `LAC_COVER(name, expr)                        counted in the coverage report
//   `LAC_ASSERT_INIT(cond, msg)                   constant condition, $fatal at time 0 everywhere

`ifndef LAC_ASSERT_SVH
`define LAC_ASSERT_SVH

`define LAC_ASSERT_INIT(cond, msg) \
  initial if (!(cond)) $fatal(1, "%m: %s", msg);

`ifdef __ICARUS__

`define LAC_ASSERT(name, expr, msg)
`define LAC_ASSERT_CLK(name, expr, msg)
`define LAC_STREAM(valid, ready, data)
`define LAC_STREAM_CLR(valid, ready, data, clr)
`define LAC_COVER(name, expr)

`else

// Waived: "Signal flopped as both synchronous and async: 'rst_ni'". The assertions sample the reset
// of the flops; no flop does.
`define LAC_ASSERT_LINT_OFF /* verilator lint_off SYNCASYNCNET */
`define LAC_ASSERT_LINT_ON /* verilator lint_on SYNCASYNCNET */

`define LAC_ASSERT(name, expr, msg) \
  `LAC_ASSERT_LINT_OFF \
  name: assert property (@(posedge clk_i) disable iff (!rst_ni) (expr)) \
    else $error("%m: %s", msg); \
  `LAC_ASSERT_LINT_ON

`define LAC_ASSERT_CLK(name, expr, msg) \
  name: assert property (@(posedge clk_i) (expr)) else $error("%m: %s", msg);

`define LAC_STREAM_CLR(valid, ready, data, clr) \
  `LAC_ASSERT_LINT_OFF \
  assert property (@(posedge clk_i) disable iff (!rst_ni) \
      ((valid) && !(ready) && !(clr)) |=> (valid)) \
    else $error("%m: %s fell before it was accepted", `"valid`"); \
  assert property (@(posedge clk_i) disable iff (!rst_ni) \
      ((valid) && !(ready) && !(clr)) |=> $stable(data)) \
    else $error("%m: %s changed before it was accepted", `"data`"); \
  `LAC_ASSERT_LINT_ON

`define LAC_STREAM(valid, ready, data) `LAC_STREAM_CLR(valid, ready, data, 1'b0)

`define LAC_COVER(name, expr) \
  `LAC_ASSERT_LINT_OFF \
  name: cover property (@(posedge clk_i) disable iff (!rst_ni) (expr)); \
  `LAC_ASSERT_LINT_ON

`endif
`endif
