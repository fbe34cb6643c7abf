"""What the proofs in this folder share: finding the binary, running it, telling how it went.

A proof is a script with a `with Proof(...) as proof:` block. It works in a directory of its own
that is removed afterwards, and ends with one line:

    ok NAME: figures          exit code 0
    FAILED NAME: reason       exit code 1
    skipped: NAME: reason     exit code 77

Python's standard library only.
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
EPILOG = """environment:
  DAYBOOK            the binary (default: .build/release/daybook)
  DAYBOOK_TEST_DATA  the data pack: a folder with data/ and tools/make-corpus
                     (default: ../shared beside the repository)
  DAYBOOK_CORPUS     a file that make-corpus wrote, to save making one
  TMPDIR             where the proof's own directory is made
exit codes: 0 ok, 1 failed, 77 skipped because something is absent"""


class Failed(Exception):
    """A check did not hold."""


class Skipped(Exception):
    """Something that the proof needs is absent."""


class Outcome:
    """How one run of the binary ended."""

    def __init__(self, command, code, out, err, seconds, rss_kib):
        self.command, self.code, self.out, self.err = command, code, out, err
        self.seconds, self.rss_mib = seconds, rss_kib / 1024

    def json(self):
        """The one JSON document on stdout."""
        try:
            return json.loads(self.out)
        except ValueError:
            raise Failed(f"{self.command}: stdout is not JSON: {shown(self.out)}") from None

    def rows(self):
        """The JSON objects on stdout, one a line."""
        try:
            return [json.loads(line) for line in self.out.splitlines() if line.strip()]
        except ValueError:
            raise Failed(f"{self.command}: stdout is not NDJSON: {shown(self.out)}") from None


def out_of_time(*_):
    """Something hangs."""
    raise Failed("out of time")


def shown(data, limit=400):
    """Bytes as short text for a message."""
    text = data.decode("utf-8", "replace").strip()
    return text if len(text) <= limit else text[:limit] + " …"


class Proof:
    """One proof: its options, its directory, its runs of the binary and its figures."""

    def __init__(self, name, about, data=False):
        self.name, self.figures = name, []
        options = argparse.ArgumentParser(
            prog=f"tools/e2e/{name}", description=about, epilog=EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter)
        options.add_argument("--full", action="store_true", help="the whole corpus, every case")
        options.add_argument("--seed", type=int, default=20261122, help="of every random choice")
        options.add_argument("--keep", action="store_true", help="keep the proof's directory")
        chosen = options.parse_args()
        self.full, self.seed, self.keep = chosen.full, chosen.seed, chosen.keep
        self.random = random.Random(f"{name}{chosen.seed}")
        self.needs_data = data
        self.peak_mib, self.processes = 0.0, []

    def __enter__(self):
        self.started = time.monotonic()
        signal.signal(signal.SIGALRM, out_of_time)
        signal.alarm(3600 if self.full else 900)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix=f"daybook-{self.name}-"))
        try:
            self.binary = self._binary()
            self.pack = self._pack()
            if self.needs_data and self.pack is None:
                raise Skipped("the data pack is absent; set DAYBOOK_TEST_DATA")
        except Exception as error:
            self.__exit__(type(error), error, None)
            raise
        return self

    def __exit__(self, kind, error, trace):
        signal.alarm(0)
        for process in self.processes:
            process.kill()
            process.wait()
        if self.keep:
            print(f"kept: {self.dir}", file=sys.stderr)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)
        took = f"{time.monotonic() - self.started:.0f} s"
        if error is None:
            print(f"ok {self.name}: {', '.join(self.figures + [took])}")
            return False
        if isinstance(error, Skipped):
            print(f"skipped: {self.name}: {error}")
            sys.exit(77)
        known = isinstance(error, Failed)
        reason = error if known else f"{kind.__name__}: {error}"
        print(f"FAILED {self.name} (seed {self.seed}): {reason}")
        if known:
            sys.exit(1)
        return False

    def _binary(self):
        path = pathlib.Path(os.environ.get("DAYBOOK", ROOT / ".build/release/daybook")).absolute()
        if not os.access(path, os.X_OK):
            raise Failed(f"no binary at {path}: build it, or set DAYBOOK")
        return str(path)

    def _pack(self):
        """The data pack's folder, also when its data/ is named."""
        named = pathlib.Path(os.environ.get("DAYBOOK_TEST_DATA", ROOT.parent / "shared")).absolute()
        for folder in (named, named.parent):
            if (folder / "tools/make-corpus").exists() and (folder / "data").is_dir():
                return folder
        return None

    def figure(self, text):
        """Adds to the closing line."""
        self.figures.append(text)

    def check(self, truth, message):
        """Goes on only if `truth` holds."""
        if not truth:
            raise Failed(message)

    def equal(self, found, expected, what):
        """Goes on only if both are equal."""
        if found != expected:
            raise Failed(f"{what}: found {found!r}, expected {expected!r}"[:1200])

    # Running the binary

    def command(self, *arguments, store=None):
        """The full command line."""
        line = [self.binary, *map(str, arguments)]
        return line + ["--store", str(store)] if store is not None else line

    def start(self, *arguments, store=None, **options):
        """The binary as a process of its own."""
        options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(self.command(*arguments, store=store), **options)
        self.processes.append(process)
        return process

    def run(self, *arguments, store=None, data=None, stdin=None, codes=(0,), timeout=900, **options):
        """Runs the binary to its end, which must not be a signal, and checks its exit code."""
        began, told = time.monotonic(), f"daybook {' '.join(map(str, arguments))}"[:200]
        stdin = subprocess.PIPE if data is not None else stdin or subprocess.DEVNULL
        process = self.start(*arguments, store=store, stdin=stdin, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, **options)
        parts = {}
        readers = [threading.Thread(target=lambda n=n, f=f: parts.__setitem__(n, f.read()))
                   for n, f in (("out", process.stdout), ("err", process.stderr))]
        if data is not None:
            readers.append(threading.Thread(target=feed, args=(process.stdin, data)))
        for reader in readers:
            reader.start()
        alarm = threading.Timer(timeout, process.kill)
        alarm.start()
        _, status, usage = os.wait4(process.pid, 0)
        timed_out = not alarm.is_alive()
        alarm.cancel()
        process.returncode = code = os.waitstatus_to_exitcode(status)
        for reader in readers:
            reader.join()
        process.stdout.close()
        process.stderr.close()
        self.processes.remove(process)
        outcome = Outcome(told, code, parts["out"], parts["err"], time.monotonic() - began,
                          usage.ru_maxrss)
        self.peak_mib = max(self.peak_mib, outcome.rss_mib)
        self.check(not timed_out, f"{told}: hung, killed after {timeout} s")
        self.check(code >= 0, f"{told}: ended by signal {-code}: {shown(outcome.err)}")
        self.check(codes is None or code in codes,
                   f"{told}: exit code {code}, expected {codes}: {shown(outcome.err or outcome.out)}")
        return outcome

    def json(self, *arguments, **options):
        """The JSON document that a command answers with `--json`."""
        return self.run(*arguments, "--json", **options).json()

    def init(self, name, *arguments):
        """A new store in the proof's directory."""
        store = self.dir / name
        self.run("init", *arguments, store=store)
        return store

    # What several proofs ask of a store

    def digest(self, store):
        """The digest document of a store."""
        return self.json("digest", store=store)

    def projections(self, store):
        """Name and digest of each projection of a store."""
        return {name: entry["digest"] for name, entry in self.digest(store)["projections"].items()}

    def whole(self, store):
        """Everything on disk verifies, and a replay from nothing gives the live read models."""
        self.run("verify", store=store)
        self.run("replay", "--compare", store=store)

    # The corpus

    def corpus(self):
        """The corpus as a file: the one that is named, or one made once and kept beside the build."""
        named = os.environ.get("DAYBOOK_CORPUS")
        if named:
            return pathlib.Path(named).absolute()
        tool = self.pack / "tools/make-corpus"
        stamp = hashlib.sha256(tool.read_bytes())
        for path in sorted((self.pack / "data").glob("*/*")):
            stamp.update(f"{path.name} {path.stat().st_size}\n".encode())
        kept = ROOT / ".build/e2e" / f"corpus-{stamp.hexdigest()[:12]}.ndjson"
        if not kept.exists():
            if shutil.which("zstd") is None:
                raise Skipped("make-corpus needs the zstd program")
            kept.parent.mkdir(parents=True, exist_ok=True)
            partial = kept.with_suffix(f".{os.getpid()}")
            subprocess.run([sys.executable, str(tool), "--out", str(partial)], check=True,
                           stderr=subprocess.DEVNULL)
            partial.rename(kept)
        return kept

    def sample(self, every):
        """Every n-th line of the corpus as a file of its own, the whole of it with --full."""
        corpus = self.corpus()
        if self.full or every == 1:
            return corpus
        path = self.dir / "sample.ndjson"
        with open(corpus, "rb") as lines, open(path, "wb") as out:
            out.writelines(line for number, line in enumerate(lines) if number % every == 0)
        return path


def feed(pipe, data):
    """Writes `data` (bytes, or an iterable of them) to a pipe that may close at any time."""
    try:
        for part in [data] if isinstance(data, bytes) else data:
            pipe.write(part)
        pipe.close()
    except (BrokenPipeError, ValueError):
        try:
            pipe.close()
        except BrokenPipeError:
            pass


def line_count(path):
    """Lines of a file."""
    with open(path, "rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def cloud_event(number, source="proof", when="2026-03-01T10:00:00Z", **more):
    """A CloudEvent line about customer `number` modulo 97."""
    event = {"specversion": "1.0", "id": f"{source}-{number}", "source": source,
             "type": "order.completed", "time": when, "channel": "store",
             "data": {"identifiers": [f"user:u{number % 97}"], "order_id": f"o{number}",
                      "total": number % 1000 / 100, "currency": "EUR"}}
    event.update(more)
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"


def no_core_dumps():
    """Crash dumps would fill the disk: none."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


no_core_dumps()
