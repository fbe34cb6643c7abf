"""What all measurements share: running the programs, and printing what came of it."""
import importlib.util
import json
import os
import pathlib
import subprocess
import time

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


def peak(*command, status=(0,)):
    """Runs a command to its end: seconds, and the most memory it had, in MiB."""
    started = time.monotonic()
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, code, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(code) not in status:
        raise SystemExit(f"bench: {command} ended with status {os.waitstatus_to_exitcode(code)}")
    return time.monotonic() - started, usage.ru_maxrss / 1024


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
