"""instructions.py BUILD [--queues N]: counts the instructions of a replayed audit with callgrind.
They depend neither on the machine's load nor on the network, so two versions can be compared
precisely. The audit is recorded first, from a latency_server that answers at once."""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import measure

REFS = re.compile(r"^==\d+== Collected : (\d+)$", re.M)


def environment(url, sts):
    return {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": url, "AWS_ENDPOINT_URL_STS": sts,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIDBENCH", "AWS_SECRET_ACCESS_KEY": "secret",
            "MEMBER_ROLE": "none", "ENGINE_POLICIES": str(measure.ROOT / "policies")}


def audit(build, lines, env, *words, under=()):
    """Audits the lines; returns what it wrote to stderr."""
    command = [*under, build / "engine", "remediate", "--quiet", *words]
    done = subprocess.run(command, input=lines, env=env, text=True, check=False,
                          capture_output=True)
    if done.returncode not in (0, 1, 2) or "unknown" in done.stdout:
        sys.exit(f"instructions: status {done.returncode}: {done.stderr or done.stdout}")
    return done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--queues", type=int, default=100)
    given = parser.parse_args()
    build = given.build.resolve()
    lines = measure.queue_lines(given.queues)
    with tempfile.TemporaryDirectory() as folder:
        tape = pathlib.Path(folder, "tape")
        with measure.Server(build, folder, "queue", measure.queue_body(),
                            "application/x-amz-json-1.0", 0) as queue, \
                measure.Server(build, folder, "sts", measure.STS, "text/xml", 0) as sts:
            env = environment(queue.url, sts.url)
            audit(build, lines, env, "--record", tape)
        counted = audit(build, lines, env, "--replay", tape,
                        under=("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"))
    print(f"instructions of a replayed audit of {given.queues} queues: "
          f"{int(REFS.search(counted)[1]):,}")


if __name__ == "__main__":
    main()
