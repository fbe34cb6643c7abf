"""Imports: NDJSON to durable, indexed and sealed events, in turn with DuckDB's COPY to Parquet.

DuckDB neither syncs, nor looks for duplicates, nor indexes identifiers: a yardstick, not a rival.
"""
import importlib.util
import json
import shutil
import statistics
import subprocess
import sys

from harness import DAYBOOK, daybook, peak, row

RUNS = 3


def import_once(lines, store):
    """Imports through a pipe: seconds, peak MiB, and the report."""
    daybook("init", "--store", store, "--json")
    seconds, most, told = peak(
        DAYBOOK, "import", "-", "--format", "segment", "--store", store, "--json", source=lines)
    return seconds, most, json.loads(told)


# In a process of its own: a child's peak of memory begins with its parent's.
DUCKDB = """
import sys, time
import duckdb
duckdb.sql("SET enable_progress_bar = false")
started = time.monotonic()
duckdb.sql(f"COPY (FROM read_json('{sys.argv[1]}', format='newline_delimited', sample_size=-1)) "
           f"TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)")
print(time.monotonic() - started)
"""


def duckdb_once(lines, target):
    """Seconds of DuckDB's COPY to Parquet, or None without DuckDB."""
    if importlib.util.find_spec("duckdb") is None:
        return None
    told = subprocess.run(
        [sys.executable, "-c", DUCKDB, str(lines), str(target)], stdout=subprocess.PIPE, check=True)
    return float(told.stdout)


def measure_import(context):
    ours, peers = [], []
    for number in range(RUNS):
        store = str(context.directory / f"import-{number}")
        seconds, most, report = import_once(context.lines, store)
        shutil.rmtree(store)
        ours.append(seconds)
        row(f"import {number + 1}", f"{seconds:.2f} s",
            f"{report['appended'] / seconds:,.0f} events/s, {most:.0f} MiB resident")
        peer = duckdb_once(context.lines, context.directory / "peer.parquet")
        if peer is not None:
            peers.append(peer)
            row("  DuckDB COPY to Parquet, zstd", f"{peer:.2f} s")
    if peers:
        row("median", f"{statistics.median(ours):.2f} s",
            f"{statistics.median(ours) / statistics.median(peers):.2f} of DuckDB's time, less is better;"
            " wanted below 1")
