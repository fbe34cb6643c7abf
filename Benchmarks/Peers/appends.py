"""Durable appends, beside fdatasync alone, SQLite, RocksDB and Redis."""
import shutil
import socket
import subprocess
import time

from harness import measure, ratio, row, run

SECONDS = 4

ROCKSDB = r"""
#include <rocksdb/db.h>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>
int main(int count, char** arguments) {
  int writers = atoi(arguments[2]), batch = atoi(arguments[3]), seconds = atoi(arguments[4]);
  rocksdb::DB* db; rocksdb::Options options; options.create_if_missing = true;
  if (!rocksdb::DB::Open(options, arguments[1], &db).ok()) return 1;
  std::atomic<long> total{0}; std::atomic<bool> failed{false};
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; writer++)
    threads.emplace_back([&, writer] {
      std::string value(450, 'x'); rocksdb::WriteOptions sync; sync.sync = true; long next = 0;
      while (std::chrono::steady_clock::now() < end) {
        rocksdb::WriteBatch lines;
        for (int index = 0; index < batch; index++)
          lines.Put(std::to_string(writer) + "-" + std::to_string(next++), value);
        if (!db->Write(sync, &lines).ok()) failed = true;
        total += batch;
      }
    });
  for (auto& thread : threads) thread.join();
  delete db;
  if (failed) return 1;
  printf("%ld\n", total.load() / seconds);
}
"""


def rocksdb(directory):
    source, program = directory / "rocks.cc", directory / "rocks"
    source.write_text(ROCKSDB)
    built = subprocess.run(
        ["g++", "-O2", "-std=c++17", str(source), "-o", str(program), "-lrocksdb", "-lpthread"],
        capture_output=True)
    if built.returncode:
        print("  (RocksDB does not compile here, librocksdb-dev or g++ is missing: left out)")
        return None
    return lambda name, writers, batch: float(
        run(str(program), str(directory / f"rocks-{name}"), str(writers), str(batch), str(SECONDS)))


def sqlite_rate(directory, name, batch):
    import sqlite3
    database = sqlite3.connect(directory / f"sqlite-{name}", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE events (id TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID")
    body, total, end = b"x" * 450, 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO events VALUES (?, ?)", ((f"w-{total + index}", body) for index in range(batch)))
        database.execute("COMMIT")
        total += batch
    database.close()
    return total / SECONDS


class Redis:
    """A server of our own on a free port of loopback, ended by its process id."""

    def __init__(self, directory):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        folder = directory / "redis"
        folder.mkdir()
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder),
             "--appendonly", "yes", "--appendfsync", "always", "--save", ""],
            stdout=subprocess.DEVNULL)
        for _ in range(100):
            try:
                self.connect().close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("bench-store: redis-server does not answer")

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port))

    def rate(self, writers, batch):
        """Appends by so many clients: redis-benchmark, or pipelines of `batch`."""
        out = run(
            "redis-benchmark", "-p", str(self.port), "-c", str(writers), "-n",
            str(20_000 if batch == 1 and writers == 1 else 300_000), "-P", str(batch), "-r", "1000000000",
            "--csv", "XADD", "events", "*", "body", "x" * 450)
        return float(out.strip().splitlines()[-1].split(",")[1].strip('"'))

    def close(self):
        self.process.terminate()
        self.process.wait()


def measure_append(context):
    raw = measure("sync", context.directory / "sync", SECONDS)
    row("fdatasync of 512 bytes, one writer", f"{raw['events_per_second']:,.0f}/s",
        f"p50 {raw['p50']} µs, p99 {raw['p99']} µs")
    (context.directory / "sync").unlink()
    rocks = rocksdb(context.directory)
    redis = Redis(context.directory) if shutil.which("redis-server") else None
    if not redis:
        print("  (redis-server is missing: left out)")
    for name, writers, batch, wanted in [
            ("one", 1, 1, "0.9 of fdatasync"), ("many", 64, 1, "100,000/s"),
            ("batches", 1, 1000, "400,000/s")]:
        title = f"{writers} writer{'s' * (writers > 1)}" + (f", batches of {batch:,}" * (batch > 1))
        store = str(context.directory / f"append-{name}")
        ours = measure("append", store, writers, batch, SECONDS)
        shutil.rmtree(store)
        rate = ours["events_per_second"]
        row(f"{title}: Daybook", f"{rate:,.0f}/s",
            f"p50 {ours['p50']} µs, p99 {ours['p99']} µs; wanted {wanted}")
        if writers == 1 and batch == 1:
            row("", "", ratio(rate, raw["events_per_second"], "more", "0.9") + " (fdatasync)")
        peers = []
        if writers == 1:
            peers.append(("SQLite WAL FULL", sqlite_rate(context.directory, name, batch)))
        if rocks:
            peers.append(("RocksDB sync", rocks(name, writers, batch)))
        if redis:
            peers.append(("Redis appendfsync always", redis.rate(writers, batch)))
        for peer, other in peers:
            row(f"{title}: {peer}", f"{other:,.0f}/s", ratio(rate, other, "more"))
    if redis:
        redis.close()
