"""Measure ingest at 1, 10 and 30 times the flights: time per row and peak memory, beside pandas.

In: the flights package, conf/. Out: ratios on standard output; exit 1 when a limit is missed.
Every run is a process of its own; the kernel counts its peak resident memory.
Run: python -m benchmarks.ingest
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pandas as pd
import yaml

from mooring.config.data import Data
from mooring.config.runtime import Runtime
from mooring.data.ingest import ingest
from mooring.data.sources.local_files import source_files

CONF = Path(__file__).resolve().parent.parent / "conf"
RUNS = {1: 3, 10: 2, 30: 2}  # the one with the fewest processor seconds counts
TIME_LIMIT = 1.0
"""Processor seconds per row at the larger size over those at the smaller. (Wall-clock
time also measures other work of the machine; it is printed but not judged.)"""
MEMORY_LIMIT = 2.0
"""Peak at 30 times the flights over the peak at 10 times."""
NOISE = 0.1
"""How far a time may exceed its limit, as a share: repeated runs differ by as much."""


def flights() -> Data:
    """Return conf/data/flights.yaml."""
    return Data.parse("data", yaml.safe_load((CONF / "data/flights.yaml").read_text()), CONF)


def runtime() -> Runtime:
    """Return conf/runtime/two_cores.yaml."""
    return Runtime.parse(
        "runtime", yaml.safe_load((CONF / "runtime/two_cores.yaml").read_text()), CONF
    )


def copied(data: Data, times: int) -> Data:
    """Return the same data over the Parquet copies of one size."""
    sources = {
        name: {"kind": "parquet", "path": f"data/raw/{name}-{times}.parquet"}
        for name in data.sources
    }
    return Data.parse("data", data.model_dump(mode="json") | {"sources": sources}, CONF)


def write_copies(root: Path, times: int) -> None:
    """Write each table of the flights as Parquet; flights and weather come once for each year."""
    data = flights()
    connection = duckdb.connect(config={"temp_directory": str(root / "spill")})
    connection.execute("set TimeZone = 'UTC'")
    (root / "data/raw").mkdir(parents=True, exist_ok=True)
    for (name, _), file in zip(data.sources.items(), source_files(data.sources), strict=True):
        shifted = "* replace (year + i as year, time_hour + to_years(i::int) as time_hour)"
        years = times if name in ("flights", "weather") else 1
        columns = shifted if name in ("flights", "weather") else "* exclude (i)"
        table = pd.read_csv(file, na_values=["NA"], keep_default_na=False, low_memory=False)
        if "time_hour" in table:
            table["time_hour"] = pd.to_datetime(table["time_hour"], utc=True)
        connection.register("table", table)
        select = f'select {columns} from range({years}) r(i), "table"'
        if years > 1 or name in ("flights", "weather"):
            select = f"select * exclude (i) from ({select})"
        target = root / f"data/raw/{name}-{times}.parquet"
        connection.execute(f"copy ({select}) to '{target}' (format parquet)")


def run_mooring(times: int) -> int:
    """Ingest one size; return its rows."""
    out = Path("out")
    query = CONF / "data/flights.sql"
    facts = ingest(
        copied(flights(), times), runtime(), query, out / "rows.parquet", out / "manifest.json"
    )
    return int(facts["rows"])


def run_pandas(times: int) -> int:
    """Do the same join in pandas; return its rows."""
    raw = {
        name: pd.read_parquet(f"data/raw/{name}-{times}.parquet")
        for name in ("flights", "weather", "planes", "airports")
    }
    f = raw["flights"]
    f["weather_hour"] = f["time_hour"] - pd.Timedelta(hours=1)
    weather = raw["weather"].rename(columns={"time_hour": "weather_hour"})
    readings = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"]
    f = f.merge(weather[["origin", "weather_hour", *readings]], how="left")
    planes = raw["planes"].rename(columns={"year": "plane_year"})
    f = f.merge(planes[["tailnum", "plane_year", "seats", "manufacturer"]], how="left")
    airports = raw["airports"].rename(columns={"faa": "dest", "lat": "dest_lat", "lon": "dest_lon"})
    f = f.merge(airports[["dest", "dest_lat", "dest_lon"]], how="left")
    f["flight_key"] = (
        f["carrier"]
        + f["flight"].astype(str)
        + "-"
        + f["origin"]
        + "-"
        + f["time_hour"].dt.strftime("%Y%m%dT%H")
    )
    f["scheduled_at"] = f["time_hour"].dt.tz_localize(None) + pd.to_timedelta(f["minute"], "min")
    f["late"] = (f["arr_delay"] > 15).astype(float).where(f["arr_delay"].notna())
    f["departure_minute"] = f["hour"] * 60 + f["minute"]
    f["arrival_minute"] = f["sched_arr_time"] // 100 * 60 + f["sched_arr_time"] % 100
    f["weekday"] = pd.to_datetime(f[["year", "month", "day"]]).dt.dayofweek + 1
    f["wind_speed"] = f["wind_speed"].where(f["wind_speed"] < 200)
    columns = ["flight_key", "scheduled_at", "late", *flights().columns]
    rows = f[columns].sort_values(["scheduled_at", "flight_key"])
    Path("out").mkdir(exist_ok=True)
    rows.to_parquet("out/pandas.parquet", compression="zstd", index=False)
    return len(rows)


def child(engine: str, times: int) -> None:
    """Run once, and print rows, seconds and peak memory as JSON."""
    run = {"mooring": run_mooring, "pandas": run_pandas}[engine]
    started, used = time.perf_counter(), time.process_time()
    rows = run(times)
    seconds, cpu_s = time.perf_counter() - started, time.process_time() - used
    print(json.dumps({"rows": rows, "seconds": seconds, "cpu_s": cpu_s, "peak_mb": peak_mb()}))


def peak_mb() -> float:
    """Return the highest resident memory of this program.

    getrusage would not do: its ru_maxrss starts from the peak of the process that started this one.
    """
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


def measured(engine: str, times: int, runs: int, root: Path) -> dict[str, float]:
    """Return the cheapest of several runs, with the highest of their peaks."""
    command = [sys.executable, "-m", "benchmarks.ingest", engine, str(times)]
    environment = {"PYTHONPATH": str(CONF.parent), "PATH": "/usr/bin:/bin"}
    found = [
        json.loads(
            subprocess.run(
                command, cwd=root, env=environment, check=True, capture_output=True, text=True
            ).stdout
        )
        for _ in range(runs)
    ]
    cheapest = min(found, key=lambda one: float(one["cpu_s"]))
    return {**cheapest, "peak_mb": max(one["peak_mb"] for one in found)}


def compare() -> bool:
    """Print every figure; return whether each limit holds."""
    with tempfile.TemporaryDirectory(prefix="mooring-bench-") as directory:
        root = Path(directory)
        for times in RUNS:
            write_copies(root, times)
        ours = {times: measured("mooring", times, runs, root) for times, runs in RUNS.items()}
        peer = {times: measured("pandas", times, 1, root) for times in (1, 10)}
    print("size      rows        mooring                             pandas")
    for times, one in ours.items():
        print(f"{times:3}x {one['rows']:11,}  {_figures(one)}  {_beside(one, peer.get(times))}")
    results = [
        _limit(
            "processor time per row, 10x / 1x",
            _per_row(ours[10]) / _per_row(ours[1]),
            TIME_LIMIT,
            NOISE,
        ),
        _limit(
            "processor time per row, 30x / 10x",
            _per_row(ours[30]) / _per_row(ours[10]),
            TIME_LIMIT,
            NOISE,
        ),
        _limit(
            "peak memory, 30x / 10x", ours[30]["peak_mb"] / ours[10]["peak_mb"], MEMORY_LIMIT, 0
        ),
    ]
    return all(results)


def _per_row(one: dict[str, float]) -> float:
    return one["cpu_s"] / one["rows"]


def _figures(one: dict[str, float]) -> str:
    return f"{one['seconds']:7.2f} s ({one['cpu_s']:6.1f} cpu s) {one['peak_mb']:7,.0f} MB"


def _beside(one: dict[str, float], peer: dict[str, float] | None) -> str:
    if peer is None:
        return "not run: it would take tens of GB"
    slower, larger = peer["seconds"] / one["seconds"], peer["peak_mb"] / one["peak_mb"]
    assert peer["rows"] == one["rows"], "both must do the same join"
    return f"{_figures(peer)}  {slower:4.1f} times the time, {larger:4.1f} times the memory"


def _limit(what: str, got: float, limit: float, noise: float) -> bool:
    kept = got <= limit * (1 + noise)
    allowance = f" (and {noise:.0%} for noise)" if noise else ""
    print(f"{what}: {got:.2f}, limit {limit:.2f}{allowance}: {'kept' if kept else 'MISSED'}")
    return kept


if __name__ == "__main__":
    if len(sys.argv) == 3:
        child(sys.argv[1], int(sys.argv[2]))
    else:
        sys.exit(0 if compare() else 1)
