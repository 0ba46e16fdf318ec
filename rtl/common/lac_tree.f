// lac_tree: masked adder tree, pipelined.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_tree.f
+incdir+.
lac_pipe.sv
lac_tree.sv
