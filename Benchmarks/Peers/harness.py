"""What all measurements share: running the programs, and printing what came of it."""
import importlib.util
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build/release"
DAYBOOK = os.environ.get("DAYBOOK", str(BUILD / "daybook"))
MEASURE = str(BUILD / "StoreBenchmarks")
PACK = pathlib.Path(os.environ.get("DAYBOOK_TEST_DATA", ROOT.parent / "shared"))


class Context:
    """Where lines and store lie: `directory` is removed in the end, `kept` may stay."""

    def __init__(self, directory, kept, events):
        self.directory = pathlib.Path(directory)
        self.kept = pathlib.Path(kept or directory)
        self.lines = self.kept / "lines.ndjson"
        self.store = str(self.kept / "store")
        self.events = events
        self.count = 0


def run(*command, **options):
    return subprocess.run(
        [str(word) for word in command], check=True, capture_output=True, text=True, **options).stdout


def daybook(*arguments):
    return run(DAYBOOK, *arguments)


def measure(*arguments):
    """A measurement from within one process; see Benchmarks/StoreBenchmarks."""
    return json.loads(run(MEASURE, *arguments))


# In a small process of its own: a child's peak of memory begins with its parent's.
PEAK = """
import json, os, subprocess, sys, time
source = open(sys.argv[1], "rb")
started = time.monotonic()
process = subprocess.Popen(sys.argv[2:], stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
told = b""
while part := process.stdout.read(1 << 16):
    told = (told + part)[-65536:]
_, code, usage = os.wait4(process.pid, 0)
print(json.dumps([time.monotonic() - started, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(code),
                  told.decode("utf-8", "replace")]))
"""


def peak(*command, status=(0,), source=os.devnull):
    """Runs a command to its end: seconds, the most memory it had in MiB, and the end of what it printed."""
    seconds, most, code, told = json.loads(run(sys.executable, "-c", PEAK, source, *command))
    if code not in status:
        raise SystemExit(f"bench: {' '.join(map(str, command))} ended with status {code}")
    return seconds, most, told


def has(module):
    if importlib.util.find_spec(module):
        return True
    print(f"  (the Python package {module} is missing: left out)")
    return False


def row(name, value, note=""):
    print(f"  {name:<48}{value:>16}  {note}", flush=True)


def ratio(ours, theirs, better, target=None):
    """How we compare with a peer; `better` says which direction is."""
    text = f"{ours / theirs:.2f} of the peer's, {better} is better"
    return text + (f"; wanted {target}" if target else "")


def parquet(lines, path, level):
    """Lets DuckDB write the lines as a Parquet file."""
    import duckdb
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute(
        f"COPY (FROM read_json('{lines}', format='newline_delimited', sample_size=-1,"
        f" maximum_object_size=4000000)) TO '{path}' (FORMAT parquet, COMPRESSION zstd,"
        f" COMPRESSION_LEVEL {level}, PARQUET_VERSION v2)")
    connection.close()


def fast_parquet(context):
    path = context.directory / "fast.parquet"
    if not path.exists():
        parquet(context.lines, path, 3)
    return path
