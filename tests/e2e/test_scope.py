"""The record of a run's scope: what was asked for, by whom, with which rules and settings. It is in
every format that has a place for it, and in the file of --scope; a plan and a journal name who made
them."""
import hashlib
import json
import pathlib
import resource
import signal
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree

from support import estate
from support.cloud import ROOT, Cloud
from support.engine import ENGINE

ACCOUNT, OTHER = "111122223333", "444455556666"
REGION = "us-east-1"
WHERE = ("--accounts", f"{ACCOUNT},{OTHER}", "--regions", REGION)
SECRET = "only-the-name-is-shown"
SETTINGS = {"KNOWN_ACCOUNTS": ACCOUNT, "EXTERNAL_ID": SECRET, "DB_CHECK_TIME": "30"}
CALLER = "arn:aws:sts::123456789012:user/moto"
RULES = {"rules": [
    {"check": "sqs.public", "id": "*/agreed", "reason": "agreed", "expires": "2099-12-31"},
    {"check": "sqs.public", "id": "*/nowhere", "reason": "unused", "expires": "2099-12-31"},
    {"check": "sqs.public", "reason": "too old", "owner": "me", "expires": "2020-01-01"}]}

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


def sum_of(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def set_digest(folder=ROOT / "policies"):
    """As `sha256sum *.lua lib/*.lua | sort -k2 | sha256sum` prints it."""
    names = sorted(str(path.relative_to(folder)) for path in (
        *folder.glob("*.lua"), *folder.glob("lib/*.lua")))
    lines = "".join(f"{sum_of(folder / name)}  {name}\n" for name in names)
    return hashlib.sha256(lines.encode()).hexdigest()


def little_room(size):
    """No file may become larger: a write fails as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


class Scope(unittest.TestCase):
    def setUp(self):
        cloud.reset()
        cloud.proxy.clear()
        for name in ("open", "agreed"):
            estate.queue(cloud, ACCOUNT, REGION, name,
                         estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT)))
        self.rules = cloud.path("rules.json")
        pathlib.Path(self.rules).write_text(json.dumps(RULES), encoding="utf-8")

    def engine(self, *args, **more):
        return cloud.engine(*args, **{**SETTINGS, **more})

    def scan(self, *args, **more):
        return self.engine("scan", *WHERE, *args, **more)

    def record(self, *args, **more):
        path = cloud.path("scope.json")
        run = self.scan(*args, "--scope", path, **more)
        text = pathlib.Path(path).read_text(encoding="utf-8")
        self.assertNotIn(SECRET, text)
        return run, json.loads(text)

    def test_says_what_was_asked_for(self):
        output = cloud.path("report.jsonl")
        run, record = self.record("--exceptions", self.rules, "--checks", "sqs", "--format", "jsonl",
                                  "--output", output)
        self.assertEqual(run.status, 2, run)
        self.assertEqual(record["scope"], 1)
        self.assertEqual((record["command"], record["mode"]), ("scan", "audit"))
        self.assertEqual(record["caller"], {"account": "123456789012", "arn": CALLER})
        self.assertEqual(record["asked"], {"accounts": [ACCOUNT, OTHER], "regions": [REGION],
                                           "types": None, "checks": ["sqs"], "severity": None})
        self.assertEqual(record["listed"],
                         {"places": 2, "listed": 2, "not_listed": 0, "accounts": [ACCOUNT, OTHER],
                          "regions": [REGION], "types": ["sqs"]})
        self.assertEqual(record["audited"],
                         {"accounts": [ACCOUNT], "regions": [REGION], "types": ["sqs"]})
        self.assertEqual(record["results"]["resources"], 2)
        self.assertEqual(record["results"]["exempt"], 1)
        self.assertIs(record["complete"], True)
        self.assertLessEqual(record["began"], record["ended"])
        off = {group["by"]: group["checks"] for group in record["checks_off"]}
        self.assertIn("s3_bucket.tls", off["--checks"])
        self.assertNotIn("sqs.public", off["--checks"])
        self.assertEqual(record["settings"]["KNOWN_ACCOUNTS"], [ACCOUNT])
        self.assertEqual(record["settings"]["DB_CHECK_TIME"], 30)
        self.assertIsNone(record["settings"]["REQUIRED_TAGS"])
        self.assertIn("EXTERNAL_ID", record["names_set"])
        self.assertIn("AWS_ENDPOINT_URL", record["names_set"])
        self.assertEqual(record["report"], {"file": output, "sha256": sum_of(output)})

    def test_a_report_that_could_not_be_written(self):
        """An earlier report is still there, but it is not that of this run."""
        output = pathlib.Path(cloud.path("page.html"))
        output.write_text("an earlier report", encoding="ascii")
        path = cloud.path("scope.json")
        run = self.scan("--format", "html", "--output", str(output), "--scope", path,
                        preexec_fn=lambda: little_room(32 << 10))
        self.assertEqual(run.status, 1, run)
        record = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        self.assertEqual(record["report"], {
            "file": str(output),
            "error": f"the report could not be written to {output}: File too large"})
        self.assertIn(record["report"]["error"], run.err)
        self.assertEqual(output.read_text(encoding="ascii"), "an earlier report")

    def test_the_caller_of_a_scan_that_found_nothing(self):
        """Nothing needed to know who calls, but somebody did."""
        run, record = self.record("--types", "redshift")
        self.assertEqual((run.status, run.lines), (0, []), run)
        self.assertEqual(record["caller"], {"account": "123456789012", "arn": CALLER})
        cloud.proxy.refuse("sts:GetCallerIdentity")
        run, record = self.record("--types", "redshift")
        self.assertEqual((run.status, record["caller"]), (0, None), run)
        cloud.proxy.clear()
        tape = cloud.path("tape")
        _, recorded = self.record("--types", "redshift", "--record", tape)
        _, replayed = self.record("--types", "redshift", "--replay", tape)
        self.assertEqual(recorded["caller"]["arn"], CALLER)
        self.assertEqual(replayed["caller"], recorded["caller"])

    def test_policies_by_digest(self):
        _, record = self.record("--types", "sqs")
        digests = record["policies"]
        self.assertEqual(digests["sha256"], set_digest())
        self.assertEqual(digests["types"]["sqs"], sum_of(ROOT / "policies/sqs.lua"))
        self.assertEqual(len(digests["types"]), len(list((ROOT / "policies").glob("*.lua"))))
        self.assertIn("s3_bucket", record["types_off"])
        self.assertNotIn("sqs", record["types_off"])

    def test_own_policy_and_its_modules(self):
        """The digest changes with a module, which the build does not know."""
        folder = pathlib.Path(cloud.path("mine"))
        (folder / "lib").mkdir(parents=True)
        for name in ("sqs.lua", *(f"lib/{path.name}" for path in
                                  (ROOT / "policies/lib").glob("*.lua"))):
            (folder / name).write_bytes((ROOT / "policies" / name).read_bytes())
        used = folder / "lib/queue_urls.lua"
        _, before = self.record("--types", "sqs", "--policies", str(folder))
        used.write_text(used.read_text(encoding="utf-8") + "-- changed\n", encoding="utf-8")
        _, after = self.record("--types", "sqs", "--policies", str(folder))
        self.assertEqual(before["policies"]["types"], after["policies"]["types"])
        self.assertNotEqual(before["policies"]["sha256"], after["policies"]["sha256"])

    def test_exceptions_that_have_no_effect(self):
        run, record = self.record("--exceptions", self.rules)
        exceptions = record["exceptions"]
        self.assertEqual(exceptions["file"], self.rules)
        self.assertEqual(exceptions["sha256"], sum_of(self.rules))
        self.assertEqual(exceptions["rules"], 3)
        self.assertEqual([rule["reason"] for rule in exceptions["expired"]], ["too old"])
        self.assertEqual([rule["reason"] for rule in exceptions["unused"]], ["unused"])
        self.assertIn("warning: exception", run.err)
        self.assertIn("expired on 2020-01-01", run.err)
        self.assertIn("matched no finding of this run (unused)", run.err)
        _, record = self.record("--exceptions", self.rules, "--types", "sqs")
        self.assertNotIn("unused", record["exceptions"])
        _, record = self.record("--types", "sqs")
        self.assertIsNone(record["exceptions"])

    def test_what_could_not_be_listed(self):
        cloud.proxy.refuse("sqs:ListQueues", code="AccessDenied")
        run, record = self.record("--types", "sqs")
        self.assertEqual(run.status, 1)
        self.assertEqual(record["listed"]["not_listed"], 2)
        self.assertEqual(record["listed"]["accounts"], [])
        self.assertIs(record["complete"], False)
        self.assertEqual(record["results"]["unknown"], 2)

    def test_two_runs_differ_only_by_times(self):
        records = [self.record("--exceptions", self.rules, "--types", "sqs")[1] for _ in range(2)]
        for record in records:
            del record["began"], record["ended"]
        self.assertEqual(*records)

    def test_a_replay_is_equal(self):
        for name in ("html", "sarif", "markdown", "table"):
            args = ("--types", "sqs", "--format", name)
            recorded = self.scan(*args, "--record", cloud.path(f"rec-{name}"))
            calls = len(cloud.proxy.operations())
            replayed = self.scan(*args, "--replay", cloud.path(f"rec-{name}"))
            self.assertEqual(len(cloud.proxy.operations()), calls)
            self.assertIn(CALLER, recorded.out)
            self.assertEqual(recorded.out, replayed.out)

    def test_formats(self):
        args = ("--types", "sqs", "--exceptions", self.rules)
        out = {name: self.scan(*args, "--format", name).out
               for name in ("html", "markdown", "table", "summary", "sarif", "junit", "jsonl",
                            "json", "csv", "asff", "ocsf")}
        for text in out.values():
            self.assertNotIn(SECRET, text)
        for name in ("html", "markdown", "table", "summary", "sarif", "junit"):
            self.assertIn(CALLER, out[name], name)
        self.assertIn("Scope of this run</h2>", out["html"])
        self.assertIn('href="#scope"', out["html"])
        self.assertIn("### Scope of this run", out["markdown"])
        self.assertEqual(out["markdown"].count("resources ·"), 1)
        for name in ("table", "summary"):
            self.assertIn(f"scan by {CALLER} of 2 accounts, 1 region, 1 type", out[name])
            self.assertIn("3 exceptions, 1 expired", out[name])
        invocation = json.loads(out["sarif"])["runs"][0]["invocations"][0]
        self.assertEqual(invocation["account"], CALLER)
        record = invocation["properties"]["scope"]
        self.assertEqual((invocation["startTimeUtc"], invocation["endTimeUtc"]),
                         (record["began"], record["ended"]))
        suite = ElementTree.fromstring(out["junit"]).find("testsuite")
        self.assertEqual(suite[0].tag, "properties")
        values = {one.get("name"): one.get("value") for one in suite.find("properties")}
        self.assertEqual(values["Caller"], CALLER)
        self.assertEqual(json.loads(values["scope"])["command"], "scan")
        for line in out["jsonl"].splitlines():
            self.assertIn("check", json.loads(line))
        self.assertIsInstance(json.loads(out["json"]), list)

    def test_json_with_a_framework(self):
        path = cloud.path("report.json")
        self.scan("--types", "sqs", "--compliance", "fsbp", "--format", "json", "--output", path)
        document = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        self.assertEqual(document["scope"]["compliance"], "fsbp")
        shown = json.loads(self.engine("show", path, "--format", "json").out)
        self.assertEqual(shown["compliance"], document["compliance"])
        self.assertEqual(shown["scope"], document["scope"])
        for name in ("table", "html", "summary"):
            shown = self.engine("show", path, "--format", name)
            self.assertEqual(shown.status, 0, shown)
            self.assertIn("AWS Foundational Security Best Practices", shown.out)
            self.assertIn(CALLER, shown.out)

    def test_plan_and_journal_name_who_made_them(self):
        plan = cloud.path("plan")
        planned = self.scan("--types", "sqs", "--dry-run", "--output", plan)
        self.assertEqual(planned.status, 2, planned)
        lines = [json.loads(line) for line in
                 pathlib.Path(plan).read_text(encoding="utf-8").splitlines()]
        made_by = [line["made_by"] for line in lines if line["remediation"] == "planned"]
        self.assertGreater(len(made_by), 1)
        for one in made_by:
            self.assertEqual(one["caller"], CALLER)
            self.assertEqual(one["policies"], set_digest())
        scope = cloud.path("applied.json")
        applied = self.engine("apply", plan, "--scope", scope, "--format", "jsonl")
        self.assertEqual(applied.status, 0, applied)
        record = json.loads(pathlib.Path(scope).read_text(encoding="utf-8"))
        self.assertEqual((record["command"], record["mode"]), ("apply", "change"))
        self.assertEqual(record["asked"]["plan"], sum_of(plan))
        self.assertEqual(record["audited"]["accounts"], [ACCOUNT])
        begins = [line for line in self.journal(f"{plan}.journal") if line["state"] == "begin"]
        self.assertTrue(begins)
        for line in begins:
            self.assertEqual(line["made_by"]["caller"], CALLER)
        shown = self.engine("show", plan, "--format", "markdown")
        self.assertIn(CALLER, shown.out)

    def journal(self, path):
        return [json.loads(line) for line in
                pathlib.Path(path).read_text(encoding="utf-8").splitlines()]

    def test_a_refused_identity_changes_nothing_else(self):
        plan = cloud.path("refused")
        self.scan("--types", "sqs", "--dry-run", "--output", plan)
        cloud.proxy.refuse("sts:GetCallerIdentity", code="AccessDenied", status=403)
        cloud.proxy.clear_requests()
        applied = self.engine("apply", plan, "--format", "table")
        self.assertEqual(applied.status, 0, applied)
        self.assertEqual(cloud.proxy.operations().count("sts:GetCallerIdentity"), 1)
        for line in self.journal(f"{plan}.journal"):
            if line["state"] == "begin":
                self.assertNotIn("caller", line["made_by"])
                self.assertEqual(line["made_by"]["policies"], set_digest())
        undone = self.engine("undo", f"{plan}.journal")
        self.assertEqual(undone.status, 0, undone)

    def test_shows_a_journal(self):
        plan = cloud.path("shown")
        self.scan("--types", "sqs", "--dry-run", "--output", plan)
        self.engine("apply", plan)
        shown = self.engine("show", f"{plan}.journal", "--format", "jsonl")
        self.assertEqual(shown.status, 0, shown)
        for line in shown.lines:
            self.assertEqual((line["check"], line["remediation"]), ("sqs.public", "fixed"))
            self.assertRegex(line["summary"], f"^fixed on .*Z by {CALLER}: 1 call; can be undone$")
            self.assertEqual(line["steps"][0]["call"], "sqs:SetQueueAttributes")
        self.assertEqual(len(shown.lines), 2)
        self.assertEqual(self.engine("undo", f"{plan}.journal").status, 0)
        shown = self.engine("show", f"{plan}.journal", "--format", "table")
        self.assertRegex(shown.out, "; undone on|undone on")
        self.assertIn("2 to repair", shown.out)
        self.assertIn("### ", self.engine("show", f"{plan}.journal", "--format", "markdown").out)
        log = cloud.path("function.log")
        lines = pathlib.Path(f"{plan}.journal").read_text(encoding="utf-8").splitlines()
        for first, before in (("START RequestId: 1", "2027-01-01T00:00:00Z "),
                              ("[WARN] text", "[INFO] "),
                              ('{"type":"platform.initStart","record":{}}', "")):
            pathlib.Path(log).write_text("".join(
                f"{line}\n" for line in (first, *(before + line for line in lines))),
                encoding="utf-8")
            shown = self.engine("show", log, "--format", "jsonl")
            self.assertEqual((shown.status, len(shown.lines)), (0, 2), shown)

    def test_refusals(self):
        output = cloud.path("same")
        beside = f"{pathlib.Path(output).parent}/./{pathlib.Path(output).name}"
        for path in ("s3://bucket/key", output, beside):
            run = self.scan("--output", output, "--scope", path)
            self.assertEqual(run.status, 64, run)
            self.assertIn("--scope", run.err)
        run = self.scan("--exceptions", self.rules, "--scope", self.rules)
        self.assertEqual(run.status, 64, run)
        self.assertEqual(json.loads(pathlib.Path(self.rules).read_text(encoding="utf-8")), RULES)
        run = self.scan("--scope", "/no/such/folder/file")
        self.assertEqual(run.status, 1, run)
        self.assertIn("--scope", run.err)
        self.assertEqual(cloud.proxy.operations(), [])

    def test_one_resource(self):
        """The record of a run without a listing."""
        path = cloud.path("one.json")
        url = cloud.client("sqs", ACCOUNT, REGION).get_queue_url(QueueName="open")["QueueUrl"]
        self.engine("--policy", "sqs", "--resource", url, "--account", ACCOUNT, "--scope", path)
        record = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        self.assertEqual(record["command"], "single")
        self.assertEqual(record["asked"]["resource"], url)
        self.assertNotIn("listed", record)
        line = json.dumps({"account": ACCOUNT, "region": REGION, "type": "sqs", "id": url})
        self.engine("remediate", "--scope", path, stdin=line)
        record = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        self.assertIs(record["asked"]["lines"], True)
        self.assertEqual(record["command"], "remediate")

    def test_names_the_commit(self):
        """Only an executable that was built in this checkout, from what git knows, names it."""
        _, record = self.record("--types", "sqs")
        head = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True,
                              encoding="utf-8", check=False).stdout.strip()
        version = subprocess.run([ENGINE, "--version"], capture_output=True, encoding="utf-8",
                                 check=True).stdout
        self.assertEqual(f"engine {record['engine']['version']}\n", version)
        if pathlib.Path(ENGINE).is_relative_to(ROOT / "build") and (ROOT / ".git").exists():
            self.assertEqual(record["engine"]["commit"].removesuffix("+changes"), head)
        else:
            self.assertRegex(record["engine"].get("commit", "0"), "^[0-9a-f]+")


if __name__ == "__main__":
    unittest.main()
