"""A sitecustomize.py that writes down which of our modules a stage imported, at its end."""

RECORDER = '''"""Write down what each stage imported, at its end."""
import atexit, os, pathlib, sys

def record():
    if sys.argv[1:] and pathlib.Path(sys.argv[0]).parent.name == "stages":
        ours = sorted(
            os.path.relpath(module.__file__)
            for name, module in list(sys.modules.items())
            if name.partition(".")[0] in ("mooring", "stages") or name == "__main__"
        )
        path = pathlib.Path(os.environ["IMPORTS"]) / sys.argv[1]
        path.write_text("\\n".join(ours))

atexit.register(record)
'''
