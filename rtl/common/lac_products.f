// lac_products: products one by one on one small multiplier, for sizes that a pass needs before it begins.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_products.f
+incdir+.
lac_products.sv
