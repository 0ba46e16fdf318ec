// lac_post: accumulators to activations: requantization, ReLU, maximum of a window.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_post.f
+incdir+.
lac_requant.sv
lac_post.sv
