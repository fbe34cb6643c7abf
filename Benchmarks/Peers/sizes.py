"""Bytes an event after close and compact, beside Parquet and ClickHouse."""
import json
import shutil

from harness import daybook, has, parquet, ratio, row
from lines import SETS, make_set


def segment_bytes(store):
    stats = json.loads(daybook("stats", "--store", store, "--json"))
    return stats["bytes"]["segments"]


def clickhouse_bytes(lines, directory):
    from chdb import session
    database = session.Session(str(directory / "clickhouse"))
    database.query("SET allow_experimental_json_type = 1")
    database.query("CREATE DATABASE bench")
    database.query(
        "CREATE TABLE bench.events (event JSON CODEC(ZSTD(9))) ENGINE = MergeTree ORDER BY tuple()"
        " SETTINGS object_serialization_version = 'v3'")
    database.query(
        f"INSERT INTO bench.events SELECT json FROM file('{lines}', JSONAsObject)")
    database.query("OPTIMIZE TABLE bench.events FINAL")
    size = database.query(
        "SELECT sum(bytes_on_disk) FROM system.parts WHERE database = 'bench' AND active", "CSV")
    database.close()
    return int(str(size).strip())


def measure_size(context):
    parts = segment_bytes(context.store)
    ours = sum(parts.values()) / context.count
    row("Daybook, bytes an event", f"{ours:.2f}", ", ".join(
        f"{name} {size / context.count:.2f}" for name, size in parts.items()))
    if has("duckdb"):
        path = context.directory / "small.parquet"
        parquet(context.lines, path, 19)
        peer = path.stat().st_size / context.count
        path.unlink()
        row("Parquet v2, zstd 19", f"{peer:.2f}", ratio(ours, peer, "less", "0.82"))
    if has("chdb"):
        peer = clickhouse_bytes(context.lines, context.directory) / context.count
        row("ClickHouse JSON, ZSTD 9", f"{peer:.2f}", ratio(ours, peer, "less"))


def measure_sets(context):
    """Other data sets than the corpus, each in a store of its own."""
    if not has("duckdb"):
        return
    ratios = []
    for name in SETS:
        lines = context.directory / f"{name}.ndjson"
        count = make_set(name, lines)
        if count == 0:
            print(f"  ({name} is not in the data pack: left out)")
            continue
        store, packed = context.directory / name, context.directory / f"{name}.parquet"
        daybook("init", "--store", store, "--json")
        daybook("import", lines, "--format", "segment", "--store", store, "--json")
        daybook("compact", "--store", store)
        parts = segment_bytes(store)
        ours = sum(parts.values()) / count
        parquet(lines, packed, 19)
        peer = packed.stat().st_size / count
        ratios.append(ours / peer)
        row(f"{name}, {count:,} events", f"{ours:.2f}",
            f"Parquet {peer:.2f}, ratio {ours / peer:.2f}; " + ", ".join(
                f"{part} {size / count:.2f}" for part, size in parts.items()))
        shutil.rmtree(store)
        lines.unlink()
        packed.unlink()
    if ratios:
        row("mean of the ratios", f"{sum(ratios) / len(ratios):.3f}",
            f"{sum(r <= 0.85 for r in ratios)} of {len(ratios)} are 0.85 or less, the goal for each")
