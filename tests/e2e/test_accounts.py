"""Which accounts are listed: those of the organization or its units, without the excluded ones."""
import json
import pathlib
import subprocess
import tempfile
import unittest

from support.engine import ENGINE, environment
from support.fake_organization import ROOT, FakeOrganization

HEAD = "111111111111"
OUTER, INNER, DEEP, OTHER = ("ou-ab12-00000001", "ou-ab12-00000002", "ou-ab12-00000003",
                             "ou-ab12-00000004")

# Finds a resource without a call: these tests are about the accounts that are listed.
POLICY = """
return policy {
  type = "thing", title = "Things", permissions = { read = { "sqs:ListQueues" } },
  discover = function(scope) scope:found("one") end,
  fetch = function() return {} end,
  checks = { { id = "thing.none", title = "None", severity = "low",
    audit = function() return false, "is a thing" end } },
}
"""


def ids(first, count):
    return [str(first * 10 ** 11 + number) for number in range(count)]


class Accounts(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.aws = FakeOrganization()
        self.addCleanup(self.aws.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "thing.lua").write_text(POLICY)
        self.aws.add(HEAD)
        self.aws.units.update({ROOT: [OUTER, OTHER], OUTER: [INNER], INNER: [DEEP]})
        self.held = {ROOT: [HEAD], OUTER: ids(2, 45), INNER: ids(3, 20), DEEP: ids(4, 1),
                     OTHER: ids(5, 3)}
        for parent, accounts in self.held.items():
            for one in accounts if parent != ROOT else []:
                self.aws.add(one, parent)

    def run_engine(self, command, *words, status=0, **more):
        names = environment(self.folder, self.aws.url, ORGANIZATION_ACCOUNT=HEAD,
                            ENGINE_POLICIES=str(self.folder), MASTER_REGION="us-east-1")
        names.update(more)
        names = {name: value for name, value in names.items() if value is not None}
        run = subprocess.run([ENGINE, command, *words], env=names, capture_output=True, text=True,
                             timeout=60, check=False)
        self.assertEqual(run.returncode, status, run.stderr + run.stdout)
        return run

    def polled(self, *words, **more):
        run = self.run_engine("poll", "--stdout", "--accounts", ",".join(words), **more)
        lines = [json.loads(one) for one in run.stdout.splitlines()]
        return [one["account"] for one in lines if "poll" not in one]

    def all_of(self, *parents):
        return sorted(one for parent in parents for one in self.held[parent])

    def test_org_lists_all_its_active_accounts(self):
        self.assertEqual(self.polled("org"), self.all_of(ROOT, OUTER, INNER, DEEP, OTHER))
        asked = [one for one in self.aws.asked if one[0] == "ListAccounts"]
        self.assertEqual(len(asked), 4)
        self.assertEqual(self.aws.organizations_described, 0, "nobody asks who is trusted")

    def test_a_scan_lists_the_organization_once(self):
        """One listing serves for trust and for polling; polling leaves out accounts that are not
        active."""
        self.aws.accounts[self.held[OUTER][0]] = "SUSPENDED"
        run = self.run_engine("scan", "--accounts", "org", "--format", "jsonl", status=2)
        found = [json.loads(one)["account"] for one in run.stdout.splitlines()]
        self.assertEqual(sorted(found), self.all_of(*self.held)[:1] + sorted(
            set(self.all_of(*self.held)) - {HEAD, self.held[OUTER][0]}))
        self.assertEqual([one[0] for one in self.aws.asked], ["ListAccounts"] * 4)
        self.assertEqual(self.aws.organizations_described, 1)

    def test_a_scan_of_units_lists_them_beside_the_organization(self):
        run = self.run_engine("scan", "--accounts", f"org:{OTHER}", "--format", "jsonl", status=2)
        self.assertEqual([json.loads(one)["account"] for one in run.stdout.splitlines()],
                         self.held[OTHER])
        self.assertEqual(len(self.aws.asked), len(set(self.aws.asked)))

    def test_each_account_imports_its_own_findings_into_security_hub(self):
        """No other may: the role of the account does, in a session that may do nothing else."""
        accounts = self.held[OTHER]
        self.run_engine("scan", "--accounts", ",".join(accounts), "--format", "jsonl", status=2,
                        SECURITY_HUB="true")
        imported = [(caller, finding["AwsAccountId"], finding["ProductArn"])
                    for caller, findings in self.aws.imported for finding in findings]
        self.assertEqual(sorted(imported), [
            (one, one, f"arn:aws:securityhub:us-east-1:{one}:product/{one}/default") for one in accounts])
        allowed = [(account, json.loads(policy)["Statement"][0]["Action"])
                   for account, policy in self.aws.sessions if "securityhub" in policy]
        self.assertEqual(sorted(allowed), [(one, ["securityhub:BatchImportFindings"])
                                           for one in accounts])

    def test_a_unit_includes_the_units_within_it(self):
        self.assertEqual(self.polled(f"org:{OUTER}"), self.all_of(OUTER, INNER, DEEP))
        self.assertEqual(self.polled(f"org:{OTHER}"), self.all_of(OTHER))
        self.assertEqual(self.polled(f"org:{ROOT}"), self.all_of(*self.held))

    def test_an_account_of_several_entries_is_listed_once(self):
        """If entries overlap, each parent is requested once, and each account is listed once."""
        words = [f"org:{INNER}", f"org:{OUTER}", ids(2, 1)[0], ids(2, 1)[0], f"org:{OUTER}"]
        self.assertEqual(self.polled(*words), self.all_of(OUTER, INNER, DEEP))
        asked = [one for one in self.aws.asked if one[0] == "ListAccountsForParent"]
        self.assertEqual(len(asked), len(set(asked)))
        self.aws.asked.clear()
        self.assertEqual(self.polled("org", f"org:{OUTER}"), self.all_of(*self.held))
        self.assertFalse([one for one in self.aws.asked if one[0] == "ListAccountsForParent"])

    def test_excluded_accounts_are_left_out(self):
        first, second = ids(2, 2)
        self.assertEqual(self.polled(f"org:{OUTER}", f"!{first}"),
                         [one for one in self.all_of(OUTER, INNER, DEEP) if one != first])
        self.assertEqual(self.polled(first, second, f"!{first}"), [second])

    def test_only_active_accounts_are_listed(self):
        """The member State decides; if AWS does not return it, Status does."""
        states = ["PENDING_ACTIVATION", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"]
        gone = ids(5, 8)[3:7]
        for account, state in zip(gone, states):
            self.aws.add(account, OTHER, state)
        older = ids(5, 8)[7]
        self.aws.add(older, OTHER, "SUSPENDED")
        self.aws.stateless = {older, ids(5, 1)[0]}
        self.assertEqual(self.polled(f"org:{OTHER}"), self.all_of(OTHER))
        self.aws.accounts[gone[0]] = "ACTIVE"
        self.assertEqual(self.polled(f"org:{OTHER}"), self.all_of(OTHER) + [gone[0]])

    def test_empty_pages_and_throttles_do_not_end_the_listing(self):
        self.aws.holes, self.aws.nth = True, 3
        self.assertEqual(self.polled(f"org:{OUTER}"), self.all_of(OUTER, INNER, DEEP))
        self.assertGreater(self.aws.throttled, 0)

    def test_a_refused_listing_polls_nothing(self):
        self.aws.refuses = "ListAccountsForParent"
        run = self.run_engine("poll", "--accounts", f"org:{OUTER}", status=1)
        self.assertIn("the accounts to poll cannot be listed", run.stderr)
        self.assertIn("organizations:ListAccountsForParent", run.stderr)
        self.assertEqual(run.stdout, "")

    def test_invalid_values_are_usage_errors(self):
        for words, part in (("org:ou-1", "org:ou-…"), ("organization", "is not an account id"),
                            ("!org", "is not an account id"), ("!" + HEAD, "only excludes accounts"),
                            (f"!{HEAD},{HEAD}", "only excludes accounts")):
            run = self.run_engine("poll", "--accounts", words, status=64)
            self.assertIn(part, run.stderr)
        run = self.run_engine("scan", "--accounts", "org", status=64, ORGANIZATION_ACCOUNT=None)
        self.assertIn("ORGANIZATION_ACCOUNT", run.stderr)
        self.assertEqual(self.aws.asked, [])

    def test_a_unit_without_active_accounts_is_an_error(self):
        run = self.run_engine("poll", "--accounts", "org:ou-ab12-00000009", status=64)
        self.assertIn("no active account", run.stderr)

    def test_each_account_has_its_own_regions(self):
        """One request to each account; where one refuses, its types are reported as not listed."""
        first, second, third = self.held[OTHER]
        self.aws.regions[second] = ["eu-west-1", "af-south-1"]
        self.aws.refuses = third
        run = self.run_engine("scan", "--accounts", f"org:{OTHER}", "--regions", "all", "--format",
                              "jsonl", status=1)
        found = [json.loads(one) for one in run.stdout.splitlines()]
        self.assertEqual([(one["account"], one["region"], one["check"]) for one in found],
                         [(first, "us-east-1", "thing.none"), (second, "af-south-1", "thing.none"),
                          (second, "eu-west-1", "thing.none"), (third, "us-east-1", "thing.listed")])
        self.assertIn("regions that are enabled in the account", found[-1]["summary"])
        asked = [one[1] for one in self.aws.asked if one[0] == "DescribeRegions"]
        self.assertEqual(sorted(asked), self.held[OTHER])

    def test_a_scan_takes_the_same_values(self):
        run = self.run_engine("scan", "--accounts", f"org:{OTHER}", "--format", "jsonl", status=2)
        found = [json.loads(one) for one in run.stdout.splitlines()]
        self.assertEqual([(one["account"], one["status"]) for one in found],
                         [(one, "non_compliant") for one in self.all_of(OTHER)])


if __name__ == "__main__":
    unittest.main()
