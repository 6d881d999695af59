"""A listing of engine scan waits while enough of its resources wait for their audits, and holds up
no other place."""
import os
import pathlib
import pty
import re
import signal
import subprocess
import tempfile
import time
import unittest

from support.engine import ENGINE, environment
from support.paged_queues import PagedQueues

PAGES, SIZE = 200, 10
# Found and not audited, in one place: 500 that wait, those being audited (--concurrency 20), and a
# page of the listing.
MOST = 600


class ScanWaits(unittest.TestCase):
    def server(self, *args, **more):
        server = PagedQueues(*args, **more)
        self.addCleanup(server.close)
        return server

    def start(self, server, *args, **more):
        home = self.enterContext(tempfile.TemporaryDirectory())
        self.report = pathlib.Path(home, "report")
        process = subprocess.Popen(
            [ENGINE, "scan", "--types", "sqs", "--concurrency", "20", "--all",
             "--output", self.report, *args], env=environment(home, server.url, MEMBER_ROLE="none"),
            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            **{"stderr": subprocess.PIPE, **more})
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def scan(self, server, *args):
        process = self.start(server, *args)
        _, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, err)
        return self.report.read_text(encoding="utf-8").splitlines()

    def test_a_listing_waits_for_the_audits(self):
        server = self.server(PAGES, SIZE, 0.001)
        lines = self.scan(server, "--regions", "us-east-1")
        found = [number for line in lines for number in re.findall(r"/q(\d{7})\"", line)]
        self.assertEqual(found[::2], [f"{number:07}" for number in range(PAGES * SIZE)])
        self.assertEqual(server.audited["us-east-1"], PAGES * SIZE)
        self.assertLess(server.ahead["us-east-1"], MOST)

    def test_a_throttled_place_holds_up_no_other(self):
        server = self.server(PAGES // 2, SIZE, 0.003, throttled="eu-west-1")
        self.scan(server, "--regions", "eu-west-1,us-east-1")
        self.assertEqual(server.audited, {"eu-west-1": PAGES // 2 * SIZE,
                                          "us-east-1": PAGES // 2 * SIZE})
        self.assertLess(server.then["eu-west-1"], MOST)

    def test_an_interrupted_scan_lists_no_further(self):
        server = self.server(PAGES, SIZE, 0.05)
        process = self.start(server, "--regions", "us-east-1")
        while server.ahead["us-east-1"] < 100 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, err)
        self.assertIn("interrupted (SIGINT)", self.report.read_text(encoding="utf-8"))
        self.assertLess(server.listed["us-east-1"], PAGES * SIZE)

    def test_progress_names_what_was_found_so_far(self):
        server = self.server(PAGES // 2, SIZE, 0.002)
        screen, terminal = pty.openpty()
        process = self.start(server, "--regions", "us-east-1", stderr=terminal)
        os.close(terminal)
        shown = b""
        try:
            while chunk := os.read(screen, 65536):
                shown += chunk
        except OSError:  # the other end was closed
            pass
        os.close(screen)
        self.assertEqual(process.wait(60), 0, shown)
        self.assertRegex(shown, rb"audited [\d,]+ of [\d,]+ found so far, 0 of 1 place listed")
        self.assertRegex(shown, rb"audited [\d,]+ of 1,000")


if __name__ == "__main__":
    unittest.main()
