// SPDX-License-Identifier: Apache-2.0
//
// lac_assert: assertion macros of the house, the width of an index, and an or-prefix.
//
// Purpose: one way to state a rule of a module, live in Verilator. Icarus 11 cannot parse
//   concurrent assertions, synthesis (SYNTHESIS defined, as Yosys does) has no use for them: there
//   all but LAC_PARAM and LAC_PARAM_RULE expand to nothing.
// Use: `include "lac_assert.svh" after the SPDX header; every macro but LAC_PARAM* and the _CLK
//   ones samples on posedge clk_i and is off while rst_ni is low. No semicolon after a macro.
//
//   `LAC_ASSERT(name, expr, msg)                  expr holds at every clock edge
//   `LAC_ASSERT_CLK(name, expr, msg)              the same in a module without a reset
//   `LAC_STREAM(valid, ready, data)               valid stays and data is stable until ready
//   `LAC_STREAM_CLR(valid, ready, data, clr)      the same, except into and across a cycle with clr
//                                                 high, in which a stream carries nothing
//   `LAC_COVER(name, expr)                        counted in the coverage report
//   `LAC_INDEX_BITS(count)                        bits of an index below count, at least one
//   `LAC_FROM_FIRST(out, in, width)               out is each bit of in, or any below it
//   `LAC_PARAM(module, name, low, high)           a parameter is low..high
//   `LAC_PARAM_RULE(module, name, low, high, rule, text)   and keeps a rule, in words `text`

`ifndef LAC_ASSERT_SVH
`define LAC_ASSERT_SVH

// Macros, since functions would need a package, which the plain front end of Yosys does not import.
`define LAC_INDEX_BITS(count) ((count) > 1 ? $clog2(count) : 1)

// The first set bit and all above it: an or-prefix, which is faster than the carry of a two's
// complement.
`define LAC_FROM_FIRST(out, in, width) \
  always_comb begin \
    out = in; \
    for (int k = 0; k < $clog2(width); k++) out = out | (out << (1 << k)); \
  end

// A build with a parameter out of range ends with "module: Name=value, must be low..high, text": at
// elaboration (Verilator, Yosys, slang), and in all simulators at time 0: Icarus 11 knows no
// elaboration tasks, and Verilator goes on behind them with -Wno-fatal. Under SYNTHESIS nothing is
// said at time 0. The limits stand in the header of the module, under "Parameters:", in the same
// words; a test holds the two together.
//
// What looks a cycle back (LAC_STREAM*, $past, $stable, $rose, $fell) does not look at what a
// generate loop declares: Verilator 5.48 keeps one past value for all turns. make lint checks it.
`define LAC_PARAM_TASK(mod, name, low, high, text) \
  $fatal(1, "%s: %s=%0d, must be %0d..%0d%s", `"mod`", `"name`", name, low, high, text);

`ifdef __ICARUS__
`define LAC_PARAM_CHECK(mod, name, low, high, rule, text) \
  initial if (!((name) >= (low) && (name) <= (high) && (rule))) \
    `LAC_PARAM_TASK(mod, name, low, high, text)
`elsif SYNTHESIS
`define LAC_PARAM_CHECK(mod, name, low, high, rule, text) \
  if (!((name) >= (low) && (name) <= (high) && (rule))) begin : gen_bad_``name \
    `LAC_PARAM_TASK(mod, name, low, high, text) \
  end
`else
`define LAC_PARAM_CHECK(mod, name, low, high, rule, text) \
  if (!((name) >= (low) && (name) <= (high) && (rule))) begin : gen_bad_``name \
    `LAC_PARAM_TASK(mod, name, low, high, text) \
    initial `LAC_PARAM_TASK(mod, name, low, high, text) \
  end
`endif

`define LAC_PARAM(mod, name, low, high) `LAC_PARAM_CHECK(mod, name, low, high, 1'b1, "")

`define LAC_PARAM_RULE(mod, name, low, high, rule, text) \
  `LAC_PARAM_CHECK(mod, name, low, high, rule, {", ", text})

`ifdef __ICARUS__
`define LAC_NO_ASSERTIONS
`elsif FORMAL
`elsif SYNTHESIS
`define LAC_NO_ASSERTIONS
`endif

`ifdef LAC_NO_ASSERTIONS

`define LAC_ASSERT(name, expr, msg)
`define LAC_ASSERT_CLK(name, expr, msg)
`define LAC_STREAM(valid, ready, data)
`define LAC_STREAM_CLR(valid, ready, data, clr)
`define LAC_COVER(name, expr)

`elsif FORMAL

// For proofs (make prove): immediate assertions, which read_slang takes; of a cycle out of reset.
// What looks a cycle back is off in the first one behind a reset, as `disable iff` has it.
`define LAC_ASSERT(name, expr, msg) \
  always @(posedge clk_i) if (rst_ni) name: assert (expr);

`define LAC_ASSERT_CLK(name, expr, msg) \
  always @(posedge clk_i) name: assert (expr);

`define LAC_STREAM_CLR(valid, ready, data, clr) \
  always @(posedge clk_i) \
    if (rst_ni && $past(rst_ni) && $past((valid) && !(ready) && !(clr)) && !(clr)) \
      assert ((valid) && $stable(data));

`define LAC_STREAM(valid, ready, data) `LAC_STREAM_CLR(valid, ready, data, 1'b0)

`define LAC_COVER(name, expr) \
  always @(posedge clk_i) if (rst_ni) name: cover (expr);

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
      ((valid) && !(ready) && !(clr)) |=> ((valid) || (clr))) \
    else $error("%m: %s fell before it was accepted", `"valid`"); \
  assert property (@(posedge clk_i) disable iff (!rst_ni) \
      ((valid) && !(ready) && !(clr)) |=> ($stable(data) || (clr))) \
    else $error("%m: %s changed before it was accepted", `"data`"); \
  `LAC_ASSERT_LINT_ON

`define LAC_STREAM(valid, ready, data) `LAC_STREAM_CLR(valid, ready, data, 1'b0)

`define LAC_COVER(name, expr) \
  `LAC_ASSERT_LINT_OFF \
  name: cover property (@(posedge clk_i) disable iff (!rst_ni) (expr)); \
  `LAC_ASSERT_LINT_ON

`endif
`endif
