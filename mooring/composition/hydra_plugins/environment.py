"""Refuse environment variables in conf/ during `dvc exp run -S`, which resolves into params.yaml.

DVC loads this module (hydra.plugins_path in .dvc/config) before it composes, so before any value is
written. Hydra finds plugins in packages called hydra_plugins, without an __init__.py.
"""

from typing import Any, NoReturn

from omegaconf import OmegaConf


def refuse(name: str, *_: Any) -> NoReturn:
    """Raise ValueError instead of returning the environment variable `name`."""
    raise ValueError(
        f"the environment variable {name} would be written into params.yaml, which is committed; "
        "name it in a key that ends in _env, and let the code read it"
    )


OmegaConf.register_new_resolver("oc.env", refuse, replace=True)
