"""The memory of a scan does not grow with the number of places whose queues wait for their audits: a
listing hands over its whole page, and keeps nothing of it while it waits to ask for the next one."""
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from support.engine import ENGINE, environment
from support.held_audits import HeldAudits

PEAK = pathlib.Path(__file__).parent / "support" / "peak.py"
REGIONS = ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "eu-central-1",
           "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1")
SIZE = 1000  # queues in a page
FEWEST = 60  # listings that wait, if there are so many places
QUIET = 5  # seconds without a further page: then all listings wait
LONGEST = 300  # seconds until then
ALLOWED = 6 << 10  # KiB by which 1,000 places may exceed 10


class ScanMemory(unittest.TestCase):
    def peak(self, accounts, pages):
        """Peak memory in KiB of a scan in which all listings wait."""
        places = accounts * len(REGIONS)
        server = HeldAudits(pages, SIZE)
        self.addCleanup(server.close)
        home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        names = ",".join(str(100000000001 + number) for number in range(accounts))
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", PEAK, home / "peak", ENGINE, "scan", "--types", "sqs",
             "--accounts", names, "--regions", ",".join(REGIONS), "--quiet", "--output",
             home / "report"], env=environment(home, server.url), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.wait_for_quiet(process, server, min(places, FEWEST))
        engine = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(
            encoding="ascii")
        subprocess.run(["kill", f"-{signal.SIGKILL}", engine.strip()], check=True)
        process.wait(60)
        memory = int((home / "peak").read_text(encoding="utf-8").split()[0])
        print(f"{places} places, {pages} pages: {server.listed} pages were listed, {memory} KiB")
        return memory

    def wait_for_quiet(self, process, server, fewest):
        start = since = time.monotonic()
        seen = 0
        while seen < fewest or time.monotonic() - since < QUIET:
            self.assertIsNone(process.poll(), "the scan ended")
            self.assertLess(time.monotonic() - start, LONGEST)
            time.sleep(0.1)
            if server.listed > seen:
                seen, since = server.listed, time.monotonic()

    def test_memory_does_not_grow_with_places(self):
        few, many, most = (self.peak(accounts, 1) for accounts in (1, 10, 100))
        self.assertLess(many - few, ALLOWED)
        self.assertLess(most - few, ALLOWED)

    def test_listings_that_have_more_pages(self):
        self.assertLess(self.peak(100, 3) - self.peak(1, 3), ALLOWED)


if __name__ == "__main__":
    unittest.main()
