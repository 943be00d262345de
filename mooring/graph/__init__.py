"""The DVC graph: dvc.yaml, the digest of each stage's code, DVC's settings, cache and objects."""
