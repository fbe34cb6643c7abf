"""What every command needs of memory, and what it costs to erase a thousand people."""
import json
import pathlib
import random
import re
import shutil

from harness import DAYBOOK, daybook, peak, row


def people(lines, count):
    """Identifiers of users, at random."""
    named = re.compile(rb'"userId":"([^"]+)"')
    with open(lines, "rb") as source:
        found = sorted({match[1] for line in source if (match := named.search(line))})
    return [f"user:{name.decode()}" for name in random.Random(4).sample(found, min(count, len(found)))]


def copy(context, name):
    target = context.directory / name
    shutil.copytree(context.store, target)
    return target


def measure_memory(context):
    """Peak of resident memory of each command, on a copy of the store."""
    store = copy(context, "memory")
    segment = next(iter(sorted(pathlib.Path(store, "log").glob("*.seg"))))
    someone = people(context.lines, 1)[0]
    worst = 0
    for command in [
        ["stats"], ["stats", "--by-month"], ["events", "--ndjson"], ["timeline", someone],
        ["profile", someone], ["metrics", "nps", "--by", "channel,month"], ["digest"],
        ["replay", "--compare"], ["verify"], ["verify", "--deep"], ["inspect", str(segment)],
        ["erase", someone, "--dry-run"], ["backup", str(context.directory / "backup")],
        ["repair", "--dry-run"], ["compact", "--all"],
        ["erase", someone, "--reason", "measured", "--now"],
    ]:
        words = [word if word.startswith("/") or word != someone else "IDENTIFIER" for word in command]
        place = [] if command[0] == "inspect" else ["--store", str(store)]
        seconds, most, _ = peak(DAYBOOK, *command, *place, status=(0, 1))
        worst = max(worst, most)
        row(" ".join(pathlib.Path(word).name for word in words), f"{most:.0f} MiB", f"{seconds:.2f} s")
    row("the most", f"{worst:.0f} MiB", "wanted below 512 at 10 million events")
    shutil.rmtree(store)


def measure_erase(context):
    """Erasing 1,000 people, bytes and all, beside rewriting all segments."""
    store = copy(context, "erase")
    seconds, _, _ = peak(DAYBOOK, "compact", "--all", "--store", store)
    row("compact --all", f"{seconds:.1f} s")
    asked, _, _ = peak(
        DAYBOOK, "erase", *people(context.lines, 1000), "--reason", "measured", "--store", store)
    pending = json.loads(daybook("stats", "--store", store, "--json"))["pending_sections"]
    removed, most, _ = peak(DAYBOOK, "compact", "--store", store)
    row("erase 1,000 people", f"{asked:.1f} s", f"{pending:,} sections are hidden at once")
    row("the compact that removes their bytes", f"{removed:.1f} s",
        f"{removed / seconds:.2f} of compact --all, wanted 2 at most; {most:.0f} MiB resident")
    shutil.rmtree(store)
