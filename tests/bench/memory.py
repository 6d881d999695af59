"""The most memory that a command uses for so many resource lines. All queues are bad, so that each has
a finding, and each a step in a plan; the server answers at once."""
import os
import pathlib
import tempfile

import measure

COMMANDS = ("remediate", "plan")


def peak(build, command, count):
    """MiB."""
    with tempfile.TemporaryDirectory() as folder, \
            measure.Server(build, folder, "queue", measure.queue_body("*"),
                           "application/x-amz-json-1.0", 0) as queue, \
            measure.Server(build, folder, "sts", measure.STS, "text/xml", 0) as sts:
        env = {"PATH": os.environ["PATH"], "HOME": folder, "AWS_REGION": "us-east-1",
               "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "secret",
               "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": queue.url,
               "AWS_ENDPOINT_URL_STS": sts.url,
               "ENGINE_POLICIES": str(measure.ROOT / "policies"),
               "ENGINE_MODELS": os.environ.get("ENGINE_MODELS", str(build / "models"))}
        cost = measure.Cost([build / "engine", command, "--quiet", "--output", "report"], folder,
                            measure.queue_lines(count), env, statuses=(2,))
        with pathlib.Path(folder, "report").open("rb") as report:
            if sum(1 for _ in report) < count:
                raise RuntimeError(f"{command} reports too little about {count} queues")
    return cost.memory
