"""Models: fitted with scikit-learn and compiled to ONNX for serving."""
