"""bench.py BUILD [--rows NAME]... [--package ZIP] [--queues N] [--runs N] [--long]: prints what the
engine costs, each figure beside its limit and its goal, and exits with status 1 if one exceeds its
limit. Figures of time are ratios in one run, or medians: machines are noisy. NAME is one of the groups
of rows: calls, instructions, start, wall, cpu, package, memory, models, throttled, faults."""
import argparse
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile

import cold_start
import instructions
import invocations
import measure
import memory
import pace
import starts
import table as tables
import twins

MANY_IN_FLIGHT = 1000
MEMORY = {"remediate": memory.REMEDIATE, "remediate, as a table": memory.TABLE,
          "plan": memory.PLAN, "scan": memory.SCAN}
MEMORY_LIMIT, MEMORY_GOAL = 26, 24  # MiB
# Each account has sessions, and more listings are in progress.
SCAN_LIMITS = {10**3: 26, 10**4: 28, 10**5: 30, 10**6: 36}
TABLE_LIMIT = 2  # times the CPU of jsonl


def show_calls(table, bench):
    """tests/e2e/test_calls.py scans a mixed account in an emulator, and counts."""
    env = {**os.environ, "ENGINE": str(bench.build / "engine"), "PYTHONDONTWRITEBYTECODE": "1",
           "ENGINE_MODELS": str(bench.build / "models"),
           "ENGINE_POLICIES": str(measure.ROOT / "policies")}
    done = subprocess.run([sys.executable, "-B", "tests/lint/run_unittest.py",
                           "tests/e2e/test_calls.py"], cwd=measure.ROOT, env=env, check=False,
                          capture_output=True, text=True)
    counted = re.search(r"calls for (\d+) resources: ([\d.]+) each", done.stdout)
    if counted is None:
        raise RuntimeError(done.stdout + done.stderr)
    table.row(f"calls a resource, scan of {counted[1]} resources", float(counted[2]), "", 1.0, 0.9)


def show_instructions(table, bench):
    for kind in sorted(twins.TYPES):
        cost = instructions.Cost(bench.build, kind, 40)
        most, goal, calls = instructions.LIMITS[kind]
        table.row(f"{kind}, calls a resource", cost.calls, "", calls)
        table.row(f"{kind}, instructions a call", cost.instructions / cost.calls / 1000, "k")
        table.row(f"{kind}, instructions a resource", cost.instructions / 1000, "k", most,
                  goal or None)


def show_start(table, bench):
    for words, (most, cpu) in starts.LIMITS.items():
        start = starts.of(bench.build, words)
        until = "to its first call" if words in starts.CALLING else "to its end"
        again = [start.usage() for _ in range(bench.runs)]
        table.row(f"{words}, {until}, instructions", start.instructions() / 1e6, "M", most)
        table.row("  CPU", statistics.median(one[0] for one in again), "ms", None, cpu)
        table.row("  page faults", statistics.median(one[1] for one in again))


def show_wall(table, bench):
    few, many = bench.queues, 5 * bench.queues // 2
    # What comes once, the start and the growth of the window, is nearly nothing of a long run.
    for in_flight, queues, runs, limit, goal in (
            (measure.IN_FLIGHT, few, bench.runs, 1.45, 1.1),
            (MANY_IN_FLIGHT, many, bench.runs, 4.3, 2),
            (measure.IN_FLIGHT, 10 * few, 1, 1.2, 1.1),
            (MANY_IN_FLIGHT, 10 * many, 1, 4.3, 2)):
        with measure.Bench(bench.build, queues, in_flight=in_flight) as servers:
            bare = statistics.median(servers.bare().wall for _ in range(runs))
            audits = [servers.audit() for _ in range(runs)]
        wall = measure.median(audits, "wall")
        table.row(f"{queues} queues, {in_flight} in flight, waiting alone", servers.ideal, "s")
        table.row("  bare libcurl, wall / waiting alone", bare / servers.ideal, "x")
        table.row("  engine, wall / waiting alone", wall / servers.ideal, "x", limit, goal)
        table.row("  engine, peak memory", max(audit.memory for audit in audits), "MiB", 64)


def show_cpu(table, bench):
    audits, bares = [], []
    with measure.Bench(bench.build, bench.queues) as servers:
        for _ in range(bench.runs):  # alternately, so that both run under the same conditions
            bares.append(servers.bare())
            audits.append(servers.audit())
        reporting = servers.audit_reporting_all()
    table.row(f"{bench.queues} queues, bare libcurl", measure.median(bares, "cpu"), "s")
    table.row("  engine", measure.median(audits, "cpu"), "s")
    # From pairs, because the machine's other load changes from one pair to the next.
    ratio = statistics.median(audit.cpu / bare.cpu for audit, bare in zip(audits, bares))
    table.row("  engine / bare libcurl", ratio, "x", 3, 1.5)
    table.row("  engine, writing compliant findings too", reporting.cpu, "s")
    engine, bare = (measure.instructions_of_a_call(bench.build, name) for name in ("audit", "bare"))
    table.row("  instructions a call, bare libcurl", bare / 1000, "k")
    table.row("  engine", engine / 1000, "k")
    table.row("  engine / bare libcurl", engine / bare, "x", 4.4)


def show_package(table, bench):
    ready, first, warm = invocations.medians(bench.package, bench.build, bench.runs)
    table.row("remediator, CPU to its first `next`", ready[0], "ms")
    table.row("  CPU to the end of the first invocation", first[0], "ms", 25, 20)
    table.row("  page faults until then", first[1], "", 2000)
    table.row("  CPU of a later invocation", warm[0], "ms", 1.5, 1)
    table.row("  page faults of a later invocation", warm[1], "", 20)
    with cold_start.Package(bench.package) as package:
        for handler in cold_start.HANDLERS:
            costs = [cold_start.cold_start([package.executable], package.environment(), handler)
                     for _ in range(max(bench.runs, 11))]
            table.row(f"{handler}, start to first `next`",
                      statistics.median(cost[0] for cost in costs), "ms", cold_start.START_LIMIT)
            table.row("  memory when idle", max(cost[1] for cost in costs), "MiB",
                      cold_start.IDLE_LIMIT)
        size = pathlib.Path(package.executable).stat().st_size
    table.row("static executable", size / 2**20, "MiB")
    table.row("package", bench.package.stat().st_size / 2**20, "MiB", 4)


def show_memory(table, bench):
    with measure.Bench(bench.build, 2000) as servers:
        table.row("2,000 queues, 200 in flight", servers.audit().memory, "MiB", 28, 28)
    for count in (10**3, 10**4, 10**5, *((10**6,) if bench.long else ())):
        costs = {}
        for name, command in MEMORY.items():
            costs[command] = memory.cost(bench.build, command, count)
            limit = SCAN_LIMITS[count] if command is memory.SCAN else MEMORY_LIMIT
            table.row(f"{name}, {count:,} queues", costs[command].memory, "MiB", limit,
                      MEMORY_GOAL)
        if count >= 10**4:  # else most of it is the start
            table.row("  CPU, table / jsonl", costs[memory.TABLE].cpu
                      / costs[memory.REMEDIATE].cpu, "x", TABLE_LIMIT)


def compile_models(build):
    """Seconds for compiling botocore's models again, and MiB of the compiled models."""
    data = next((measure.ROOT / ".venv" / "lib").glob("python3*/site-packages/botocore/data"))
    with tempfile.TemporaryDirectory() as directory:
        cost = measure.Cost([build / "engine", "models", str(data), "--out", directory + "/models"],
                            directory)
        size = sum(file.stat().st_size for file in pathlib.Path(directory, "models").iterdir())
    return cost, size / 2**20


def show_models(table, bench):
    with measure.Bench(bench.build, 1) as servers:
        calls = [servers.first_calls() for _ in range(bench.runs)]
    first = statistics.median(call[0] for call in calls)
    second = statistics.median(call[1] for call in calls)
    table.row("first call to EC2, CPU", first, "ms")
    table.row("second call to EC2, CPU", second, "ms")
    table.row("first minus second", first - second, "ms", 2)
    cost, size = compile_models(bench.build)
    table.row("compiling all API models, CPU", cost.cpu, "s")
    table.row("compiled API models", size, "MiB")
    table.row("executable", (bench.build / "engine").stat().st_size / 2**20, "MiB")


def show_throttled(table, bench):
    for bucket in pace.BUCKETS:
        done = pace.through(bench.build / "engine", bench.places, bucket)
        table.row(bucket.name, done.seconds, "s")
        table.row("  time / ideal time", done.seconds / bucket.ideal(), "x", pace.TIME_LIMIT)
        table.row("  calls throttled", done.vain, "%", pace.VAIN_LIMIT)
        table.row("  not audited", bucket.count - len(done.ids("compliant")), "", 0)
    alone, beside = pace.beside_throttled(bench.build / "engine", bench.places)
    table.row("400 queues alone, first call to last", alone, "s")
    table.row("  beside an account that is always throttled", beside, "s")
    table.row("  beside / alone", beside / alone, "x", pace.DELAY_LIMIT)


def show_faults(table, bench):
    done = pace.through_faults(bench.build / "engine", bench.places)
    unknown, count = done.ids("unknown"), len(done.ids("compliant") | done.ids("unknown"))
    wrong = {finding["id"] for finding in done.findings
             if finding["status"] not in ("compliant", "unknown")}
    table.row(f"{count} queues, {pace.FAULTS} % of the answers faults", done.seconds, "s")
    table.row("  unknown", 100 * len(unknown) / count, "%", pace.UNKNOWN_LIMIT)
    table.row("  wrong", len(wrong), "", 0)


GROUPS = {
    "calls": ("Calls", show_calls),
    "instructions": ("By type, half of the resources bad", show_instructions),
    "start": ("Start of commands", show_start),
    "wall": (f"Behind {measure.DELAY_MS} ms", show_wall),
    "cpu": ("CPU, compared with bare libcurl for as many signed calls", show_cpu),
    "package": ("Package", show_package),
    "memory": ("Memory", show_memory),
    "models": ("API models", show_models),
    "throttled": ("Services that throttle, compared with (calls - burst) / rate", show_throttled),
    "faults": ("A service that fails", show_faults),
}


class Options:
    """What all groups of rows need to know."""

    def __init__(self, given):
        self.build, self.package = given.build.resolve(), given.package
        self.queues, self.runs, self.long = given.queues, given.runs, given.long
        self.places = {"ENGINE_POLICIES": str(measure.ROOT / "policies"),
                       "ENGINE_MODELS": os.environ.get("ENGINE_MODELS",
                                                       str(self.build / "models"))}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rows", action="append", choices=GROUPS, metavar="NAME")
    parser.add_argument("--package", type=pathlib.Path, help="zip that script/package made")
    parser.add_argument("--queues", type=int, default=4000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--long", action="store_true", help="also memory for a million queues")
    given = parser.parse_args()
    print(f"medians of {given.runs} runs; {platform.machine()}, {os.cpu_count()} CPUs")
    table, options = tables.Table(), Options(given)
    for name in given.rows or GROUPS:
        title, show = GROUPS[name]
        table.group(title)
        show(table, options)
    if table.failed:
        print("bench: over a limit", file=sys.stderr)
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())
