"""Reading: single events, identifiers, scans, counts, opening; beside DuckDB on Parquet."""
import json
import os
import random
import re
import statistics
import time

from harness import Context, daybook, fast_parquet, has, measure, parquet, ratio, row

SHUFFLED_MAX = 600_000


def identifiers(lines, wanted, count):
    """Identifiers that at least `wanted` lines name, some at random."""
    seen = {}
    person = re.compile(rb'"userId":"([^"]+)"')
    with open(lines, "rb") as source:
        for line in source:
            if found := person.search(line):
                seen[found[1]] = seen.get(found[1], 0) + 1
    names = sorted(name for name, times in seen.items() if times >= wanted)
    return random.Random(2).sample(names, min(count, len(names)))


def measure_read(context):
    points = measure("points", context.store, 2000)
    row("one event by name", f"{points['p50']} µs", f"p99 {points['p99']} µs; wanted 1,000")
    if has("duckdb"):
        path = fast_parquet(context)
        import duckdb
        connection = duckdb.connect()
        ids = [json.loads(line)["messageId"] for line in sample(context.lines, 20)]
        times = []
        for id in ids + ids:
            started = time.monotonic()
            connection.execute(f"SELECT * FROM '{path}' WHERE messageId = '{id}'").fetchall()
            times.append((time.monotonic() - started) * 1e6)
        other = statistics.median(times[len(ids):])
        row("  DuckDB on Parquet, by message id", f"{other:,.0f} µs", ratio(points["p50"], other, "less"))
    for limit, wanted in [(20, 5_000), (100, 40_000)]:
        names = context.directory / f"names-{limit}"
        found = identifiers(context.lines, limit, 200)
        if not found:
            row(f"newest {limit} of an identifier", "-", "no identifier has as many")
            continue
        names.write_bytes(b"".join(b"user:%s\n" % name for name in found))
        ours = measure("identifiers", context.store, names, limit)
        row(f"newest {limit} of an identifier", f"{ours['p50']:,.0f} µs",
            f"p99 {ours['p99']:,.0f} µs; wanted {wanted:,}")
    scan = measure("scan", context.store)
    row("scan, every field of every event, one thread", f"{scan['events_per_second']:,.0f}/s",
        f"wanted 1,000,000; each as a value of Swift {scan['as_values_per_second']:,.0f}/s")


def sample(lines, count):
    size = os.path.getsize(lines)
    chance = random.Random(3)
    with open(lines, "rb") as source:
        for _ in range(count):
            source.seek(chance.randrange(size * 9 // 10))
            source.readline()
            yield source.readline()


def measure_count(context):
    """Of events in the order they happened, where blocks lie within a month, and in no order."""
    compare_counts("count by channel and month", context.store, context.count, fast_parquet(context))
    shuffled = Context(context.directory, None, None)
    shuffled.lines, shuffled.store = context.directory / "shuffled.ndjson", str(context.directory / "shuffled")
    lines = context.lines.read_bytes().splitlines(keepends=True)[:SHUFFLED_MAX]
    random.Random(5).shuffle(lines)
    shuffled.lines.write_bytes(b"".join(lines))
    daybook("init", "--store", shuffled.store, "--json")
    daybook("import", shuffled.lines, "--format", "segment", "--store", shuffled.store, "--json")
    daybook("compact", "--store", shuffled.store)
    packed = context.directory / "shuffled.parquet"
    parquet(shuffled.lines, packed, 3)
    compare_counts("the same in no order, a scan of two columns", shuffled.store, len(lines), packed)


def compare_counts(name, store, count, packed):
    ours = measure("count", store, 9)["p50"] / 1000
    row(name, f"{ours:.1f} ms", f"{count / ours * 1000:,.0f} events/s; wanted 20,000,000")
    if not has("duckdb"):
        return
    import duckdb
    connection = duckdb.connect()
    times = []
    for _ in range(9):
        started = time.monotonic()
        connection.execute(
            f"SELECT context.channel, date_trunc('month', timestamp::TIMESTAMP) AS month, count(*)"
            f" FROM '{packed}' GROUP BY ALL").fetchall()
        times.append((time.monotonic() - started) * 1000)
    other = statistics.median(times)
    row("  DuckDB on Parquet", f"{other:.1f} ms", ratio(ours, other, "less", "1"))


def measure_open(context):
    ours = measure("open", context.store, 21)
    row("open", f"{ours['p50'] / 1000:.1f} ms", f"p99 {ours['p99'] / 1000:.1f} ms; wanted 50 at 10 million")
