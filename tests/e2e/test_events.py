"""Every event of the fixtures through `engine translate`, unchanged and in other forms."""
import gzip
import json
import os
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.parse

from support import estate, events
from support.cloud import ROOT, Cloud
from support.engine import ENGINE
from support.translated import engine, lines_by_name, numbered, translate, wanted_lines

SOURCES = sorted({name.partition(":")[0] for name in events.names()})


def differences(found, want):
    """Shows only the differences, so that a failure is readable."""
    return {name: {"found": found[name], "wanted": want[name]}
            for name in want if found[name] != want[name]}


class Fixtures(unittest.TestCase):
    """The fixtures have the format of CloudTrail."""
    maxDiff = None

    def test_each_fixture_has_an_expectation(self):
        """The expectation is in the file of the type; the file also makes the events without a
        fixture."""
        self.assertLessEqual(set(events.files()), set(events.names()))
        self.assertGreater(len(events.names()), 80)

    def test_each_fixture_is_the_event_that_its_name_says(self):
        for name in events.names():
            read = events.envelope(name)
            source, _, event_name = events.key(name).partition(":")
            self.assertEqual(read["source"], f"aws.{source}")
            self.assertEqual(read["detail"]["eventSource"], f"{source}.amazonaws.com")
            self.assertEqual(read["detail"]["eventName"], event_name)

    def test_each_watched_event_has_a_fixture_and_no_other(self):
        done = engine("generate", "events")
        self.assertEqual(done.returncode, 0, done.stderr)
        watched = {f"{source.removesuffix('.amazonaws.com')}:{event_name}"
                   for pattern in json.loads(done.stdout)
                   for source in pattern["detail"]["eventSource"]
                   for event_name in pattern["detail"]["eventName"]
                   if len(pattern["detail"]["eventSource"]) == 1}
        self.assertEqual(watched, {events.key(name) for name in events.names()})


class Forms(unittest.TestCase):
    """The lines of each event, unchanged and in other forms."""
    maxDiff = None

    def setUp(self):
        self.names = events.names()

    def assert_silent(self, done):
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_in_log_files_and_as_records(self):
        """As CloudTrail delivers them to S3, pretty-printed, and without list or envelope."""
        records = [json.loads(line)["detail"] for line in numbered(self.names)]
        file = {"Records": records}
        for text in (gzip.compress(json.dumps(file).encode()), json.dumps(file, indent=4).encode(),
                     "\n".join(map(json.dumps, records)).encode()):
            done = engine("translate", stdin=text)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertEqual(differences(lines_by_name(done, self.names),
                                         wanted_lines(self.names)), {})

    def test_an_event_gives_a_line_for_each_resource(self):
        done = translate(numbered(self.names))
        self.assertEqual(differences(lines_by_name(done, self.names), wanted_lines(self.names)), {})
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_an_event_with_resources_causes_no_message(self):
        named = [name for name in self.names if events.expected(name)]
        self.assertEqual(translate(numbered(named)).stderr, "")

    def test_a_line_has_the_account_and_region_of_its_event(self):
        lines = [events.event(name, account="444455556666", region="eu-west-3")
                 for name in self.names
                 if "ReplicateKey" not in name and "PasswordPolicy" not in name
                 and not name.endswith("-root")]
        places = {(line["account"], line["region"])
                  for line in map(json.loads, translate(lines).stdout.splitlines())}
        self.assertEqual(places, {("444455556666", "eu-west-3")})

    def test_settings_of_an_account_are_in_the_master_region(self):
        name = next(name for name in self.names if "DeleteAccountPasswordPolicy" in name)
        done = translate([events.event(name)], MASTER_REGION="eu-west-1")
        found = json.loads(done.stdout)
        self.assertEqual((found["region"], found["id"]), ("eu-west-1", "eu-west-1"), done)

    def test_events_of_failed_calls_give_no_lines(self):
        self.assert_silent(translate(numbered(self.names, errorCode="AccessDenied",
                                              errorMessage="no", responseElements=None)))

    def test_events_of_another_source_give_no_lines(self):
        keys = {events.key(name) for name in self.names}
        lines = []
        for name in self.names:
            for source in [*SOURCES, "sns", "states"]:
                if f"{source}:{events.key(name).partition(':')[2]}" not in keys:
                    lines.append(events.event(name, eventSource=f"{source}.amazonaws.com"))
        self.assertGreater(len(lines), 10 * len(self.names))
        self.assert_silent(translate(lines))

    def test_events_that_aws_did_not_send_give_no_lines(self):
        lines = [json.dumps({**events.envelope(name), "source": "com.example.app"}) + "\n"
                 for name in self.names]
        self.assert_silent(translate(lines))

    def test_repeated_events_give_repeated_lines(self):
        lines = numbered(self.names)
        done = translate([*lines, *lines])
        twice = {name: 2 * found for name, found in wanted_lines(self.names).items()}
        self.assertEqual(differences(lines_by_name(done, self.names), twice), {})

    def test_changes_of_the_engine_itself_give_no_lines(self):
        lines = [events.event(name, userIdentity=events.own_identity()) for name in self.names]
        self.assert_silent(translate(lines))
        self.assert_silent(translate(
            [events.event(name, userIdentity=events.own_identity(role="security/fixer"))
             for name in self.names], MEMBER_ROLE="security/fixer"))

    def test_changes_of_others_in_its_role_give_lines(self):
        for identity in (events.own_identity(session="alice@example.com"),
                         events.own_identity(session="engine-" + 32 * "0"),
                         events.own_identity(account="444455556666"),
                         events.own_identity(role="other")):
            done = translate([events.event("sqs:CreateQueue", userIdentity=identity)])
            self.assertEqual(len(done.stdout.splitlines()), 1, identity)

    def test_events_without_an_id_are_reported(self):
        """A region's id is the event's own region; for every other type, only a warning remains."""
        names = [name for name in self.names
                 if all(line["type"] != "region" for line in events.expected(name))]
        done = translate(numbered(names, requestParameters=None, responseElements=None,
                                  resources=None, userIdentity={"type": "Unknown"}))
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        found = {number: [] for number in range(1, len(names) + 1)}
        for line in done.stderr.splitlines():
            number, _, text = line.removeprefix("engine: warning: line ").partition(": ")
            found[int(number)].append(text)
        for number, name in enumerate(names, 1):
            self.assertEqual(len(found[number]), 1, (name, found[number]))
            self.assertIn(events.key(name) + ": the event has no id", found[number][0])

    def test_of_wrong_types(self):
        """There is at most one error for each type that watches the event; the other lines are
        processed."""
        odd = [7, "text", True, [], {}, ["x", 7], {"queueUrl": {}}]
        lines, good = [], numbered(["sqs:CreateQueue"])
        for name in self.names:
            if all(line["type"] != "region" for line in events.expected(name)):
                lines += [events.event(name, requestParameters=value, responseElements=value,
                                       resources=value, userIdentity=value)
                          for value in odd]
        done = translate([*lines, *good])
        self.assertEqual(len(done.stdout.splitlines()), 1, done.stdout)
        complaints = [line.partition("line ")[2].partition(":")[0]
                      for line in done.stderr.splitlines()]
        self.assertGreater(len(complaints), len(self.names))
        self.assertEqual(len(complaints), len(set(complaints)), done.stderr)


class Input(unittest.TestCase):
    """Lines that are not events, among lines that are."""

    def test_a_broken_line_is_reported_with_its_number_and_the_rest_is_processed(self):
        good = events.event("sqs:CreateQueue")
        broken = ["nonsense\n", "{\n", "[]\n", '{"detail":{"a":1,"a":2}}\n',
                  '{"detail":' + 10000 * "[" + "\n", '"' + "x" * (1 << 20) + '"\n', "{}\n",
                  '{"detail":"\udcff"}\n'.encode("utf-8", "replace").decode()]
        for text in broken:
            done = translate([good, "\n", text, good])
            self.assertEqual(done.returncode, 1, text[:50])
            self.assertEqual(len(done.stdout.splitlines()), 2, text[:50])
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr[:2000])
            self.assertIn("error: line 3: ", done.stderr)

    def test_a_last_line_without_a_newline_counts(self):
        done = translate([events.event("sqs:CreateQueue").rstrip()])
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (0, 1))

    def test_no_input_gives_no_output(self):
        done = translate([])
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_settings_of_audits_have_no_effect(self):
        done = translate([events.event("sqs:CreateQueue")], EXCEPTIONS="/none", MAX_CHANGES="0")
        self.assertEqual((done.returncode, len(done.stdout.splitlines()), done.stderr), (0, 1, ""))

    def test_an_error_without_policies_says_what_to_do(self):
        with tempfile.TemporaryDirectory() as folder:
            done = translate([events.event("sqs:CreateQueue")], ENGINE_POLICIES=folder)
        self.assertEqual((done.returncode, done.stdout), (64, ""))
        self.assertIn("contains no policies", done.stderr)

    def test_types_selects_the_types(self):
        lines = numbered(events.names())
        done = engine("translate", "--types", "sqs,s3", stdin="".join(lines))
        self.assertEqual({json.loads(line)["type"] for line in done.stdout.splitlines()},
                         {"sqs", "s3_bucket"})
        done = engine("translate", "--types", "sqz", stdin="".join(lines))
        self.assertEqual(done.returncode, 64)
        self.assertIn("sqz", done.stderr)

    def test_ids_are_passed_on_unchanged(self):
        odd = ["q" * 200, "ü \U0001f512 'quoted' \"twice\" \\ $(x)", "a/b c"]
        for id_ in odd:
            done = translate([events.event("s3:CreateBucket", id=id_)])
            self.assertEqual([json.loads(line)["id"] for line in done.stdout.splitlines()], [id_])
        for id_ in ("q" * 100000, "two\nlines", "\x1b[31m"):
            done = translate([events.event("s3:CreateBucket", id=id_),
                              events.event("sqs:CreateQueue")])
            self.assertEqual((done.returncode, len(done.stdout.splitlines())), (1, 1))
            self.assertEqual(len(done.stderr.splitlines()), 1)
            self.assertLess(len(done.stderr), 300)
            self.assertNotIn("\x1b", done.stderr)

    def test_a_closed_pipe_is_reported(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run(
                [ENGINE, "translate", "--policies", str(ROOT / "policies")],
                input=events.event("sqs:CreateQueue"), stdout=full, stderr=subprocess.PIPE,
                text=True, timeout=60, check=False, env={"PATH": os.environ["PATH"]})
        self.assertEqual(done.returncode, 1)
        self.assertIn("stdout cannot be written", done.stderr)

    def test_lines_come_at_once_until_nobody_reads_them(self):
        event = events.event("sqs:CreateQueue").strip() + "\n"
        with subprocess.Popen(
                [ENGINE, "translate", "--policies", str(ROOT / "policies")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                bufsize=1, env={"PATH": os.environ["PATH"]}) as process:
            process.stdin.write(event)
            self.assertEqual(json.loads(process.stdout.readline())["type"], "sqs")
            process.stdout.close()
            self.assertEqual(process.wait(timeout=60), -signal.SIGPIPE)
            self.assertEqual(process.stderr.read(), "")


class Queue(unittest.TestCase):
    """Lines that are sent to SQS, in an emulator behind a recording proxy."""

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.close)

    def setUp(self):
        self.cloud.reset()
        self.sqs = self.cloud.client("sqs")
        name = self.sqs.create_queue(QueueName="lines")["QueueUrl"].rsplit("/", 2)[1:]
        self.url = "/".join([self.cloud.proxy.url, *name])

    def sent(self):
        """[(line, DelaySeconds)] of all lines that were sent."""
        return [(json.loads(entry["MessageBody"]), entry.get("DelaySeconds"))
                for request in self.cloud.proxy.requests
                if request.headers.get("x-amz-target", "").endswith(".SendMessageBatch")
                for entry in json.loads(request.body)["Entries"]]

    def test_every_line_is_sent_with_its_delay(self):
        names = events.names()
        done = self.cloud.engine("translate", "--sqs", self.url,
                                 stdin="".join(events.event(name) for name in names))
        self.assertEqual((done.status, done.out), (0, ""), done)
        want = sorted((line["type"], line["id"], line["delay"])
                      for name in names for line in events.expected(name))
        self.assertEqual(sorted((line["type"], line["id"], line.get("delay", 0))
                                for line, _ in self.sent()), want)
        for line, delay in self.sent():
            self.assertEqual(line.get("delay", 0), delay or 0)

    def test_a_line_without_a_delay_gets_the_delay_of_the_queue(self):
        """A message with DelaySeconds 0 would be visible at once (Amazon SQS Developer Guide,
        "Amazon SQS delay queues")."""
        delay = 3
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"DelaySeconds": str(delay)})
        sent = time.monotonic()
        self.cloud.engine("translate", "--sqs", self.url, stdin=events.event("sqs:CreateQueue"))
        answer = {}
        while not answer.get("Messages") and time.monotonic() - sent < 30:
            answer = self.sqs.receive_message(QueueUrl=self.url, WaitTimeSeconds=1)
        self.assertEqual(len(answer.get("Messages", [])), 1)
        self.assertGreaterEqual(time.monotonic() - sent, delay)

    def test_the_variable_names_the_queue_and_stdout_wins(self):
        line = events.event("sqs:CreateQueue")
        done = self.cloud.engine("translate", stdin=line, SQS=self.url)
        self.assertEqual((done.status, done.out, len(self.sent())), (0, "", 1), done)
        self.cloud.proxy.clear()
        done = self.cloud.engine("translate", "--stdout", stdin=line, SQS=self.url)
        self.assertEqual((done.status, len(done.lines), len(self.cloud.proxy.requests)), (0, 1, 0))

    def test_many_lines_arrive(self):
        lines = [events.event("ec2:RunInstances-several", id=[f"i-{n:08x}a", f"i-{n:08x}b"])
                 for n in range(600)]
        done = self.cloud.engine("translate", "--sqs", self.url, stdin="".join(lines))
        self.assertEqual(done.status, 0, done)
        self.assertEqual(len({line["id"] for line, _ in self.sent()}), 1200)

    def test_it_calls_only_send_message_batch(self):
        self.cloud.engine("translate", "--sqs", self.url, stdin=events.event("sqs:CreateQueue"),
                          ORGANIZATION_ACCOUNT="444455556666")
        self.assertEqual([request.headers.get("x-amz-target")
                          for request in self.cloud.proxy.requests],
                         ["AmazonSQS.SendMessageBatch"])

    def test_the_event_of_a_repair_gives_no_line(self):
        """The event of the engine's own repair, with the real session name; the event of a session
        that only reads counts as foreign."""
        text = estate.text_of(*estate.four_statements("sqs", "*", events.ACCOUNT))
        url = estate.queue(self.cloud, events.ACCOUNT, events.REGION, "open", text)
        self.cloud.proxy.clear()
        line = {"account": events.ACCOUNT, "region": events.REGION, "type": "sqs", "id": url}
        done = self.cloud.engine("remediate", "--remediate", stdin=json.dumps(line) + "\n")
        self.assertEqual(done.finding("sqs.public")["remediation"], "fixed", done)
        reported_for = {True: set(), False: set()}
        for name in self.session_names():
            identity = events.own_identity(session=name)
            made = translate([events.event("sqs:SetQueueAttributes", id=url,
                                           userIdentity=identity)])
            self.assertEqual(made.returncode, 0, made)
            reported_for[made.stdout != ""].add(name)
        self.assertEqual([len(reported_for[True]), len(reported_for[False])], [1, 1], reported_for)
        self.assertTrue(reported_for[False].pop().startswith("engine-change-"))

    def session_names(self):
        """The roles that were assumed."""
        asked = [urllib.parse.parse_qs(request.body.decode())
                 for request in self.cloud.proxy.requests
                 if request.operation == "sts:AssumeRole"]
        return [form["RoleSessionName"][0] for form in asked]

    def test_a_queue_that_is_gone_is_an_error(self):
        done = self.cloud.engine("translate", "--sqs", self.url + "-gone",
                                 stdin=events.event("sqs:CreateQueue"))
        self.assertEqual((done.status, done.out), (1, ""), done)
        self.assertIn("1 line was not delivered", done.err)


if __name__ == "__main__":
    unittest.main()
