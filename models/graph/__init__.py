"""Networks of ONNX files: layers for the designs, everything between them in integers."""
