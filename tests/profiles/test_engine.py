"""whylogs on import: quiet, without scikit-learn, and whole for others in the process."""

import os
import subprocess
import sys

PROBE = """
import sys
import mooring.profiles.engine
print("sklearn" in sys.modules)
import sklearn.cluster, pandas, whylogs
from whylogs.api import usage_stats
print(usage_stats._TRACKED_EVENTS)
print(int(whylogs.log(pandas=pandas.DataFrame({"x": [1.0]})).view().to_pandas()["counts/n"]["x"]))
"""


def test_whylogs_comes_without_telemetry_and_without_scikit_learn(tmp_path):
    env = {name: value for name, value in os.environ.items() if name != "WHYLOGS_NO_ANALYTICS"}
    env |= {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PROBE]
    found = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "{}", "1"]
