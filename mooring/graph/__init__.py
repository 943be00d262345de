"""The DVC graph: dvc.yaml, the code of each stage, the cache and its objects."""
