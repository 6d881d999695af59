"""What an exception rule leaves alone, and that it leaves nothing else alone."""
import json
import unittest

from support import estate
from support.cloud import ROOT, Cloud

ACCOUNT, REGION = "111122223333", "us-east-1"
SAYS = "reason = 'agreed', owner = 'ops', expires = '2999-12-31'"

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


def bare(line):
    """A finding without the members that differ from run to run."""
    left_out = ("time", "explain", "looked_at")
    return {key: value for key, value in line.items() if key not in left_out}


class Exceptions(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        cloud.reset()
        text = estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT))
        self.queues = [estate.queue(cloud, ACCOUNT, REGION, f"open-{name}", text)
                       for name in ("a", "b", "c")]
        self.lines = "".join(
            json.dumps({"account": ACCOUNT, "region": REGION, "type": "sqs", "id": id_}) + "\n"
            for id_ in self.queues)
        cloud.proxy.clear()

    def rules(self, text, name="rules.lua"):
        path = cloud.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def lua_rules(self, *rules):
        return self.rules("return { rules = {\n" + ",\n".join(rules) + "\n} }\n")

    def remediate(self, *args, **environment):
        return cloud.engine("remediate", "--journal", cloud.path("journal"), *args,
                            stdin=self.lines,
                            **{"KNOWN_ACCOUNTS": estate.FRIEND, **environment})

    def written(self):
        """The queues that were changed."""
        return sorted(one.json()["QueueUrl"].rsplit("/", 1)[-1] for one in cloud.proxy.writes())

    def of(self, run, name):
        found = [line for line in run.lines
                 if line["check"] == "sqs.public" and line["id"].endswith(name)]
        self.assertEqual(len(found), 1, run)
        return found[0]

    def test_one_exemption_changes_nothing_else(self):
        rules = self.lua_rules(f"{{ id = '*/open-b', check = 'sqs.public', {SAYS} }}")
        without, with_it = self.remediate(), self.remediate("--exceptions", rules)
        for name in ("open-a", "open-c"):
            self.assertEqual(bare(self.of(with_it, name)), bare(self.of(without, name)))
        exempt = self.of(with_it, "open-b")
        self.assertEqual((exempt["status"], exempt["remediation"]), ("exempt", "none"))
        self.assertNotIn("steps", exempt)
        self.assertEqual(exempt["exemption"], {
            "rule": f"{rules}: rules[1]", "reason": "agreed", "owner": "ops",
            "expires": "2999-12-31"})
        self.assertEqual(exempt["summary"], self.of(without, "open-b")["summary"])
        self.assertEqual(with_it.status, 2, with_it)
        run = self.remediate("--remediate", EXCEPTIONS=rules)
        self.assertEqual(self.written(), ["open-a", "open-c"], run)
        self.assertEqual(run.status, 0, run)
        self.assertNotIn("matched no finding", run.err)

    def test_a_rule_by_tag(self):
        cloud.client("sqs", ACCOUNT, REGION).tag_queue(QueueUrl=self.queues[2],
                                                       Tags={"keep": "yes, please"})
        rules = self.lua_rules(f"{{ tag = {{ keep = 'yes*' }}, {SAYS} }}")
        run = self.remediate("--remediate", "--exceptions", rules)
        self.assertEqual(self.written(), ["open-a", "open-b"], run)
        self.assertEqual(self.of(run, "open-c")["status"], "exempt", run)

    def test_tags_that_cannot_be_read_change_nothing(self):
        cloud.proxy.refuse("sqs:ListQueueTags")
        rules = self.lua_rules(f"{{ tag = {{ keep = 'yes' }}, {SAYS} }}")
        run = self.remediate("--remediate", "--exceptions", rules)
        for name in ("open-a", "open-b", "open-c"):
            found = self.of(run, name)
            self.assertEqual((found["status"], found["remediation"]), ("non_compliant", "held"))
            self.assertIn("tags", found["held"])
        self.assertEqual(self.written(), [], run)

    def test_tags_that_no_rule_needs_may_be_refused(self):
        cloud.proxy.refuse("sqs:ListQueueTags")
        run = self.remediate("--remediate")
        self.assertEqual({line["status"] for line in run.lines}, {"non_compliant"}, run)
        self.assertEqual(self.written(), ["open-a", "open-b", "open-c"], run)

    def test_rules_that_are_newer_than_the_plan_hold_its_steps(self):
        plan = cloud.engine("plan", "--output", cloud.path("plan"), stdin=self.lines)
        self.assertEqual(plan.status, 2, plan)
        cloud.client("sqs", ACCOUNT, REGION).tag_queue(QueueUrl=self.queues[0],
                                                       Tags={"keep": "yes"})
        rules = self.lua_rules(f"{{ tag = {{ keep = 'yes' }}, {SAYS} }}",
                               f"{{ id = '*/open-b', {SAYS} }}", f"{{ id = 'unused', {SAYS} }}")
        cloud.proxy.clear()
        run = cloud.engine("apply", cloud.path("plan"), "--exceptions", rules)
        self.assertEqual(self.written(), ["open-c"], run)
        for name, number in (("open-a", 1), ("open-b", 2)):
            found = self.of(run, name)
            self.assertEqual((found["status"], found["remediation"]), ("exempt", "held"), run)
            self.assertIn(f"rules[{number}]", found["exemption"]["rule"])
        self.assertEqual(self.of(run, "open-c")["remediation"], "fixed", run)
        self.assertEqual(run.status, 0, run)
        self.assertNotIn("matched no finding", run.err)

    def test_expired_and_unused_rules_are_reported(self):
        rules = self.lua_rules(
            "{ id = '*/open-a', reason = 'was so', expires = '2020-02-29' }",
            f"{{ id = 'open-a', {SAYS} }}", f"{{ id = '*/open-b', {SAYS} }}")
        run = self.remediate("--remediate", "--exceptions", rules)
        self.assertEqual(self.written(), ["open-a", "open-c"], run)
        self.assertIn("rules[1] expired on 2020-02-29", run.err)
        self.assertIn("rules[2] matched no finding", run.err)
        self.assertNotIn("rules[3]", run.err)

    def test_explain(self):
        rules = self.lua_rules(
            "{ id = '*/open-a', reason = 'was so', expires = '2020-02-29' }",
            f"{{ id = '*/open-b', region = 'eu-*', {SAYS} }}", f"{{ id = '*/open-c', {SAYS} }}")
        run = self.remediate("--explain", "--exceptions", rules)
        said = {name: [(one["rule"].rsplit(" ", 1)[-1], one["says"])
                       for one in self.of(run, name)["explain"]]
                for name in ("open-a", "open-b", "open-c")}
        self.assertEqual(said, {"open-a": [("rules[1]", "expired on 2020-02-29")],
                                "open-b": [("rules[2]", "its region differs")],
                                "open-c": [("rules[3]", "matches")]})
        self.assertNotIn("explain", self.of(self.remediate("--exceptions", rules), "open-a"))
        table = self.remediate("--explain", "--exceptions", rules, "--format", "table").out
        self.assertIn("rules[1]: expired on 2020-02-29", table.replace("\n", " "))
        none = self.remediate("--explain", "--format", "table").out
        self.assertIn("none nearly matches", none)

    def test_the_examples_of_the_documentation(self):
        text = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
        text = text[text.index("## Exceptions"):]
        for kind in ("json", "lua"):
            example = text[text.index(f"```{kind}\n") + len(kind) + 4:]
            path = self.rules(example[:example.index("```")], f"example.{kind}")
            run = self.remediate("--remediate", "--max-changes", "0", "--exceptions", path)
            self.assertEqual(run.status, 2, run)
            self.assertIn("rules[1] matched no finding" if kind == "lua" else "rules[0] matched",
                          run.err)
            self.assertEqual(self.of(run, "open-a")["remediation"], "held", run)

    def test_the_older_variables(self):
        name = self.queues[1]
        for value in (name, json.dumps({"sqs": [name]}), json.dumps({"sqs": name})):
            run = self.remediate(REMEDIATION_RESOURCE_EXCEPTION=value)
            self.assertEqual(self.of(run, "open-a")["status"], "non_compliant", run)
            self.assertEqual(self.of(run, "open-b")["status"], "exempt", run)
        for value in (name[:-1], name + "x", json.dumps({"s3_bucket": [name]})):
            run = self.remediate(REMEDIATION_RESOURCE_EXCEPTION=value)
            self.assertEqual(self.of(run, "open-b")["status"], "non_compliant", run)
        for account, status in ((ACCOUNT, "exempt"), ("444455556666", "non_compliant")):
            run = self.remediate(REMEDIATION_MODULE_EXCEPTION=json.dumps({account: ["sqs"]}))
            for queue in ("open-a", "open-b", "open-c"):
                self.assertEqual(self.of(run, queue)["status"], status, run)

    def test_rules_that_cannot_be_understood_stop_everything(self):
        broken = [("rules.lua", "return { rules = {", "rules.lua:1:"),
                  ("rules.lua", "return { rules = { { id = 'x' } } }", "\"reason\" is missing"),
                  ("rules.lua", "while true do end", "the data file runs too long"),
                  ("rules.lua", "return { rules = { { id = os.getenv('HOME') } } }", "no global \"os\""),
                  ("rules.json", "{\"rules\": [", "rules.json"),
                  ("rules.json", "{\"rules\": [{\"id\": \"x\"}]}", "\"reason\" is missing")]
        words = [("type", "sqss", 'no policy for the type "sqss", did you mean "sqs"?'),
                 ("type", "sq*t", 'no policy for the type "sq*t"'),
                 ("check", "sqs.pubic", 'no check "sqs.pubic", did you mean "sqs.public"?'),
                 ("region", "us-esat-1", 'no region "us-esat-1", did you mean "us-east-1"?'),
                 ("region", "eu*east-7", 'no region "eu*east-7"'),
                 ("account", "11112222333", "'11112222333' is not an account id of 12 digits"),
                 ("account", "prod", "'prod' is not an account id"),
                 ("expires", "2027-02-30", "'2027-02-30' is neither a date"),
                 ("expires", "2027-13-01", "'2027-13-01' is neither a date")]
        rule = {"id": "x", "reason": "agreed", "expires": "2999-12-31"}
        broken += [("rules.json", json.dumps({"rules": [rule | {name: value}]}), word)
                   for name, value, word in words]
        for name, text, word in broken:
            path = self.rules(text, name)
            cloud.proxy.clear()
            for args in (("remediate",), ("remediate", "--remediate"), ("plan",),
                         ("apply", cloud.path("plan")), ("undo", cloud.path("journal"))):
                run = cloud.engine(*args, "--exceptions", path, stdin=self.lines)
                self.assertEqual((run.status, run.out), (64, ""), run)
                if args[0] not in ("apply", "undo"):
                    self.assertIn(word, run.err)
            self.assertEqual(len(cloud.proxy.requests), 0)
        good = {"type": ["s3", "sq*"], "check": "*.public", "region": ["eu-*", "global"],
                "account": ["1111*", ACCOUNT]}
        path = self.rules(json.dumps({"rules": [rule | good]}), "rules.json")
        self.assertEqual(self.remediate("--exceptions", path).status, 2)

    def test_values_of_variables_are_checked_too(self):
        for name, value, word in (
                ("REMEDIATION_MODULE_EXCEPTION", '{"111122223333": ["sqss"]}', '"sqss"'),
                ("REMEDIATION_MODULE_EXCEPTION", '{"prod": ["sqs"]}', "prod"),
                ("REMEDIATION_RESOURCE_EXCEPTION", '{"bucket": ["b"]}', '"bucket"'),
                ("REMEDIATE", "ture", "'ture' is not true or false"),
                ("MASTER_REGION", "us-esat-1", 'did you mean "us-east-1"?')):
            cloud.proxy.clear()
            run = self.remediate(**{name: value})
            self.assertEqual((run.status, run.out), (64, ""), run)
            self.assertIn(name, run.err)
            self.assertIn(word, run.err)
            self.assertEqual(len(cloud.proxy.requests), 0)
        for args, word in ((("--regions", "us-esat-1"), 'did you mean "us-east-1"?'),
                           (("--regions", "eu-west-9"), "set AWS_REGION without --regions"),
                           (("--types", "sqss"), 'did you mean "sqs"?'),
                           (("--accounts", "prod"), "'prod' is not an account id")):
            cloud.proxy.clear()
            run = cloud.engine("poll", *args)
            self.assertEqual((run.status, run.out), (64, ""), run)
            self.assertIn(word, run.err)
            self.assertEqual(len(cloud.proxy.requests), 0)
        run = self.remediate(REMEDIATE="True")
        self.assertEqual(self.written(), ["open-a", "open-b", "open-c"], run)

    def test_rules_match_other_spellings(self):
        """A rule names the queue by its ARN, a line by an older URL: neither queue is changed."""
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:open-b"
        rules = self.lua_rules(f"{{ type = 'sqs', id = '{arn}', {SAYS} }}")
        old = f"https://queue.amazonaws.com/{ACCOUNT}/open-b"
        line = json.dumps({"account": ACCOUNT, "region": REGION, "type": "sqs", "id": old}) + "\n"
        for stdin in (line, self.lines):
            cloud.proxy.clear()
            run = cloud.engine("remediate", "--remediate", "--journal", cloud.path("journal"),
                               "--exceptions", rules, stdin=stdin)
            self.assertEqual(self.of(run, "open-b")["status"], "exempt", run)
            self.assertNotIn("open-b", self.written())


if __name__ == "__main__":
    unittest.main()
