"""The lines that are measured, in Segment's format: the benchmark corpus, and other recorded data sets."""
import csv
import datetime
import io
import json
import os
import random
import re
import subprocess
import sys

from harness import PACK

csv.field_size_limit(1 << 24)


def make_corpus(path, events):
    """Writes the corpus, repeated with other ids and people if more events are wanted than it has."""
    base = path.with_suffix(".base")
    if corpus := os.environ.get("DAYBOOK_CORPUS"):
        base.symlink_to(os.path.abspath(corpus))
    elif (PACK / "tools/make-corpus").exists():
        with open(base, "wb") as out:
            subprocess.run([sys.executable, str(PACK / "tools/make-corpus")], stdout=out, check=True)
    else:
        sys.exit("bench: set DAYBOOK_CORPUS to a file of lines in Segment's format")
    lines = base.read_bytes().splitlines(keepends=True)
    base.unlink()
    count = events or len(lines)
    chance = random.Random(1)
    person = re.compile(rb'"(userId|anonymousId)":"')
    with open(path, "wb") as out:
        for number in range(count):
            line, again = lines[number % len(lines)], number // len(lines)
            if again:
                start = line.find(b'"messageId":"') + 13
                digits = f"{chance.getrandbits(128):032x}".encode()
                line = b"%s%s-%s-4%s-a%s-%s%s" % (
                    line[:start], digits[:8], digits[8:12], digits[13:16], digits[17:20],
                    digits[20:], line[start + 36:])
                line = person.sub(rb'"\1":"r%d-' % again, line)
            out.write(line)


# name: (file of the pack, channel, column of the person, delimiter, whether the first row names columns)
SETS = {
    "servicenow": ("tickets-servicenow/Master_Ticket_Dataset.csv", "phone", None, ",", True),
    "tweets": ("social-airline/Tweets.csv", "social", "name", ",", True),
    "clothing": ("reviews-womens-clothing/*", "web", None, ",", True),
    "anonreviews": ("reviews-anon/anonreviews.csv", "web", None, ",", True),
    "weblog": ("clickstream-weblog/apache_logs", "web", None, None, False),
    "yoochoose": (
        "clickstream-yoochoose/yoochoose-clicks-100k_train_full.txt", "web", "SessionId", "\t", True),
    "bank-calls": ("calls-bank-marketing/bank-additional-full.csv", "phone", None, ";", True),
    "crm": ("crm-bank/crm_events.csv", "phone", None, ",", True),
    "helpdesk": ("tickets-helpdesk/helpdesk.csv", "chat", None, ",", True),
    "survey-airline": ("survey-airline/test.csv", "email", None, ",", True),
    "people": ("identity-splink/historical_figures_with_errors_50k.csv", "store", None, ",", True),
    "cdnow": ("purchases-cdnow/CDNOW_master.txt", "store", "c0", " ", False),
}


def text(pattern):
    base = PACK / "data"
    found = sorted(base.glob(pattern)) or sorted(base.glob(pattern + ".zst"))
    if not found:
        return None
    path = found[0]
    raw = path.read_bytes()
    if path.suffix == ".zst":
        raw = subprocess.run(["zstd", "-dcq", str(path)], check=True, capture_output=True).stdout
    return io.StringIO(raw.decode("utf-8", "replace"))


def rows(pattern, delimiter, has_header):
    source = text(pattern)
    if source is None:
        return
    if delimiter is None:
        for line in source:
            yield {"line": line.rstrip("\n")}
        return
    if not has_header:
        for fields in csv.reader(source, delimiter=delimiter, skipinitialspace=True):
            yield {f"c{index}": value for index, value in enumerate(fields)}
        return
    yield from csv.DictReader(source, delimiter=delimiter)


def value(field):
    try:
        number = int(field)
        if str(number) == field and abs(number) < 1 << 53:
            return number
    except ValueError:
        pass
    try:
        number = float(field)
        if repr(number) == field:
            return number
    except ValueError:
        pass
    return field


def make_set(name, path):
    """Writes a data set as messages, a row each, and returns how many there are.

    Columns are properties, numbers as numbers; one may name the person, without it a visitor of
    20,000 does. Message ids have 122 random bits; messages are five seconds apart on average.
    """
    pattern, channel, person, delimiter, has_header = SETS[name]
    chance = random.Random(name)
    at = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)
    count = 0
    with open(path, "w", encoding="utf-8") as out:
        for fields in rows(pattern, delimiter, has_header):
            fields = {k.strip(): v for k, v in fields.items() if k and isinstance(v, str) and v != ""}
            at += datetime.timedelta(milliseconds=int(chance.expovariate(1 / 5000)))
            bits = f"{chance.getrandbits(128):032x}"
            message = {
                "type": "track",
                "messageId": f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}",
                "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z",
                "event": "Row Recorded",
            }
            if user := fields.pop(person, None):
                message["userId"] = user
            else:
                message["anonymousId"] = f"a{chance.randrange(20_000)}"
            message["properties"] = {k: value(v) for k, v in fields.items()}
            message["context"] = {"channel": channel}
            out.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count
