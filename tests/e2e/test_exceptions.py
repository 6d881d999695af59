"""What a rule leaves alone, and that it leaves nothing else alone."""
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
    """A finding without what differs from run to run."""
    return {key: value for key, value in line.items() if key not in ("time", "explain")}


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
        self.assertEqual({line["status"] for line in run.lines}, {"unknown"}, run)
        self.assertEqual(self.written(), [], run)

    def test_rules_that_came_after_the_plan_hold_its_steps(self):
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

    def test_expired_and_unused_rules_are_told(self):
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
                                "open-b": [("rules[2]", "its region is another")],
                                "open-c": [("rules[3]", "matches")]})
        self.assertNotIn("explain", self.of(self.remediate("--exceptions", rules), "open-a"))
        table = self.remediate("--explain", "--exceptions", rules, "--format", "table").out
        self.assertIn("rules[1]: expired on 2020-02-29", table.replace("\n", " "))
        none = self.remediate("--explain", "--format", "table").out
        self.assertIn("none is near", none)

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

    def test_a_broken_file_means_audit_only(self):
        cloud.engine("plan", "--output", cloud.path("plan"), stdin=self.lines)
        self.remediate("--remediate", "--quiet")
        cloud.client("sqs", ACCOUNT, REGION).set_queue_attributes(
            QueueUrl=self.queues[0], Attributes={
                "Policy": estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT))})
        broken = [("rules.lua", "return { rules = {", "rules.lua:1:"),
                  ("rules.lua", "return { rules = { { id = 'x' } } }", "\"reason\" is missing"),
                  ("rules.lua", "while true do end", "too much work"),
                  ("rules.lua", "return { rules = { { id = os.getenv('HOME') } } }", "no \"os\""),
                  ("rules.json", "{\"rules\": [", "rules.json"),
                  ("rules.json", "{\"rules\": [{\"id\": \"x\"}]}", "\"reason\" is missing")]
        for name, text, word in broken:
            path = self.rules(text, name)
            cloud.proxy.clear()
            run = self.remediate("--remediate", "--exceptions", path)
            self.assertEqual(run.status, 1, run)
            self.assertIn(word, run.err)
            self.assertIn("nothing will be changed", run.err)
            self.assertEqual(self.of(run, "open-a")["remediation"], "available", run)
            for args in (("apply", cloud.path("plan")), ("undo", cloud.path("journal"))):
                self.assertEqual(cloud.engine(*args, "--exceptions", path).status, 64)
            self.assertEqual(self.written(), [], run)


if __name__ == "__main__":
    unittest.main()
