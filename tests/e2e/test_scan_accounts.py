"""An account that AWS throttles holds up no other account of the same process: neither by listings
that wait for AWS, nor by resources that wait for their audits."""
import pathlib
import subprocess
import tempfile
import unittest

from support.crowded_accounts import ACCOUNTS, REGIONS, TYPES, CrowdedAccounts
from support.engine import ENGINE, environment

PATIENCE = "90"  # seconds; only an account that is held up by the other waits so long


class ScanAccounts(unittest.TestCase):
    def run_engine(self, server, *words, accounts=ACCOUNTS):
        home = self.enterContext(tempfile.TemporaryDirectory())
        done = subprocess.run(
            [ENGINE, *words, "--quiet", "--types", ",".join(TYPES), "--accounts", ",".join(accounts),
             "--regions", ",".join(REGIONS), "--patience", PATIENCE],
            env=environment(home, server.url), cwd=home, check=False, capture_output=True,
            text=True, timeout=600)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout[-1000:])
        return done.stdout

    def server(self, *args, **more):
        server = CrowdedAccounts(*args, **more)
        self.addCleanup(server.close)
        return server

    def assert_all_audited(self, server):
        self.assertEqual(server.audited, {account: len(REGIONS) * server.many_of(account)
                                          for account in ACCOUNTS})

    def test_listings_that_are_throttled(self):
        """More of them than there are listings at a time."""
        server = self.server({"ListQueues", "ListKeys", "ListFunctions"})
        self.run_engine(server, "scan")
        self.assert_all_audited(server)

    def test_audits_that_are_throttled(self):
        """More resources than wait for their audits."""
        server = self.server({"GetQueueAttributes"}, crowded=3, many=100)
        self.run_engine(server, "scan")
        self.assert_all_audited(server)


if __name__ == "__main__":
    unittest.main()
