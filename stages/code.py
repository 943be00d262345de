"""Digest the code of every stage, so that an edit runs again exactly the stages that import it."""

from mooring.graph import code


def main() -> None:
    """The modules of all stages, requirements.lock → code.yaml."""
    digests = code.current_digests()
    code.write(digests)
    print(f"{code.CODE}: {len(digests)} stages")
