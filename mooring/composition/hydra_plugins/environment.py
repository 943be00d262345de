"""Refuse environment variables in what DVC composes: `dvc exp run -S` resolves into params.yaml.

DVC loads this module (hydra.plugins_path in .dvc/config) before it composes, and so before a value
could be written down. Hydra finds plugins in packages called hydra_plugins, without an __init__.py.
"""

from typing import Any, NoReturn

from omegaconf import OmegaConf


def refuse(name: str, *_: Any) -> NoReturn:
    """Raise ValueError in place of the value of the environment variable `name`."""
    raise ValueError(
        f"the environment variable {name} would be written into params.yaml, which is committed; "
        "name it in a key that ends in _env, and let the code read it"
    )


OmegaConf.register_new_resolver("oc.env", refuse, replace=True)
