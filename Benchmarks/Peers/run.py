"""Measures the store beside its peers, in one run, and prints ratios; see tools/bench --help."""
import argparse
import pathlib
import tempfile
import time

from appends import measure_append
from harness import Context, daybook
from imports import measure_import
from life import measure_erase, measure_memory
from lines import make_corpus
from reads import measure_count, measure_open, measure_read
from sizes import measure_sets, measure_size

PARTS = {
    "size": measure_size, "sets": measure_sets, "import": measure_import, "append": measure_append,
    "read": measure_read, "count": measure_count, "open": measure_open, "memory": measure_memory,
    "erase": measure_erase,
}
WITHOUT_LINES = {"append", "sets"}
WITHOUT_STORE = WITHOUT_LINES | {"import"}


def prepare(context, parts):
    """Makes the lines and the store that the parts need, unless they were kept."""
    if not context.lines.exists():
        make_corpus(context.lines, context.events)
    with open(context.lines, "rb") as source:
        context.count = sum(1 for _ in source)
    size = context.lines.stat().st_size / context.count
    print(f"{context.count:,} events, {size:.0f} bytes each as JSON", flush=True)
    if set(parts) - WITHOUT_STORE and not pathlib.Path(context.store).exists():
        daybook("init", "--store", context.store, "--json")
        daybook("import", context.lines, "--format", "segment", "--store", context.store, "--json")
        started = time.monotonic()
        daybook("compact", "--store", context.store)
        print(f"compacted in {time.monotonic() - started:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="tools/bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--events", type=int, help="how many lines; those of the corpus once, if not given")
    parser.add_argument("--keep", metavar="DIR", help="make lines and store here, or use those that are")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")
    parts = arguments.parts or list(PARTS)
    with tempfile.TemporaryDirectory(prefix="daybook-bench-", dir=arguments.keep) as scratch:
        context = Context(scratch, arguments.keep, arguments.events)
        if set(parts) - WITHOUT_LINES:
            prepare(context, parts)
        for part in parts:
            print(part, flush=True)
            PARTS[part](context)


main()
