"""Why a run cannot work is reported once, in one clear line for each cause, however many places it
affects."""
import resource
import unittest

from support.cloud import Cloud

ACCOUNTS = ("--accounts", "111122223333,444455556666")
PLACES = ("--regions", "us-east-1,eu-west-1", "--types", "sqs,s3_bucket")

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


class Causes(unittest.TestCase):
    def setUp(self):
        cloud.reset()

    def poll(self, operation, code, *more):
        """The lines on stderr if the operation is refused everywhere."""
        cloud.proxy.refuse(operation, code=code)
        run = cloud.engine("poll", *more, *PLACES)
        self.assertEqual((run.status, run.lines if "sts" in operation else []), (1, []), run)
        self.assertEqual(cloud.proxy.writes(), [])
        return [line for line in run.err.splitlines() if line.strip()]

    def check_one_line(self, lines, *words):
        self.assertEqual(len(lines), 1, lines)
        for word in words:
            self.assertIn(word, lines[0])

    def test_a_low_limit_of_open_files_only_slows_the_run_down(self):
        """A low limit makes the run slower, but makes no place unknown."""
        run = cloud.engine("poll", *ACCOUNTS, *PLACES, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (40, 40)))
        self.assertEqual(run.status, 0, run)
        self.check_one_line(run.err.splitlines(), "may open 40 files (ulimit -n), so at most 16 ")

    def test_an_endpoint_that_refuses_connections_is_one_line(self):
        run = cloud.engine("poll", *ACCOUNTS, *PLACES, AWS_ENDPOINT_URL="http://127.0.0.1:9",
                           AWS_MAX_ATTEMPTS="1", MEMBER_ROLE="none")
        self.assertEqual(run.status, 1, run)
        self.check_one_line(run.err.splitlines(), "sts:GetCallerIdentity: could not connect to "
                            "127.0.0.1:9: Connection refused")

    def test_a_wrong_secret_key_is_one_line(self):
        self.check_one_line(self.poll("sts:AssumeRole", "SignatureDoesNotMatch", *ACCOUNTS),
                            "SignatureDoesNotMatch", "secret key", "(and 5 more places")

    def test_a_wrong_secret_key_for_one_account_is_one_line(self):
        self.check_one_line(self.poll("sts:GetCallerIdentity", "SignatureDoesNotMatch"),
                            "AWS_SECRET_ACCESS_KEY")

    def test_an_expired_token_is_one_line(self):
        self.check_one_line(self.poll("sts:AssumeRole", "ExpiredToken", *ACCOUNTS),
                            "expired", "get new credentials", "(and 5 more places")
        cloud.reset()
        self.check_one_line(self.poll("sqs:ListQueues", "ExpiredTokenException", *ACCOUNTS),
                            "sqs in ", "get new credentials", "(and 3 more places")

    def test_a_missing_permission_is_one_line_for_each_account(self):
        """An account lacks a permission, so there is a line for each account."""
        lines = sorted(self.poll("sqs:ListQueues", "AccessDeniedException", *ACCOUNTS),
                       key=lambda line: "in account 4" in line)
        self.assertEqual(len(lines), 2, lines)
        for account, line in zip(("111122223333", "444455556666"), lines):
            self.check_one_line([line], f"allow the action sqs:ListQueues to the identity that "
                                f"makes the call, in account {account}", "(and 1 more place:")

    def test_the_log_level_info_names_all_targets(self):
        lines = self.poll("sqs:ListQueues", "ExpiredTokenException", *ACCOUNTS,
                          "--log-level", "info")
        named = [line for line in lines if "cannot be listed" in line]
        self.assertEqual(len(named), 4, lines)
        self.assertEqual(len({line.split("cannot")[0].split("sqs in")[1] for line in named}), 4)


class Unsupported(unittest.TestCase):
    def test_other_signatures_are_refused_before_anything_is_sent(self):
        cloud.reset()
        for call, what in (("codecatalyst:ListSpaces", "bearer tokens"),
                           ("sdb:ListDomains", "signatures of version 2")):
            path = cloud.path("call.lua")
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"aws.{call} {{}}")
            run = cloud.engine("run", path)
            self.assertEqual(run.status, 1, run)
            self.assertIn(f"{call}: it requires {what}, which the engine does not support", run.err)
        self.assertEqual(cloud.proxy.requests, [])


if __name__ == "__main__":
    unittest.main()
