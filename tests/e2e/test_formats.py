"""Formats for other programs, checked against their published schemas. tests/fixtures/schemas holds
the schemas of SARIF and OCSF, reduced to what is used here: a member that they do not contain is an
error. support/junit.py has that of JUnit."""
import json
import pathlib
import unittest

import botocore.session
import botocore.validate
import jsonschema

from support import estate, junit
from support.cloud import Cloud
from support.engine import ROOT

ACCOUNT = "111122223333"
WHERE = ("--accounts", ACCOUNT, "--regions", "us-east-1", "--types", "sqs,s3_bucket")
SCHEMAS = pathlib.Path(ROOT, "tests/fixtures/schemas")

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()
    text = estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT))
    for name in ("asked-first", "open", "exempt"):
        estate.queue(cloud, ACCOUNT, "us-east-1", name, text)
    estate.queue(cloud, ACCOUNT, "us-east-1", "good")
    estate.bucket(cloud, ACCOUNT, "us-east-1", f"open-{ACCOUNT}", public_acl=True)
    with open(cloud.path("rules"), "w", encoding="utf-8") as file:
        json.dump({"rules": [{"id": "*exempt", "reason": "agreed", "expires": "2099-12-31"}]}, file)
    cloud.engine("scan", *WHERE, "--output", cloud.path("before"))
    estate.queue(cloud, ACCOUNT, "us-east-1", "new", text)


def tearDownModule():
    cloud.close()


class Formats(unittest.TestCase):
    def setUp(self):
        cloud.proxy.clear()

    def text(self, name):
        """A report with findings of every kind: compliant, left, planned, exempt, unknown, new, and
        a place that could not be listed."""
        cloud.proxy.refuse("s3:ListBuckets")
        cloud.proxy.refuse("sqs:GetQueueAttributes", code="AccessDenied", status=403, times=1)
        run = cloud.engine("scan", *WHERE, "--all", "--dry-run", "--concurrency", "1", "--format",
                           name, "--exceptions", cloud.path("rules"), "--baseline", cloud.path("before"),
                           "--compliance", "nist-800-53-r5")
        self.assertEqual(run.status, 1, run)
        return run.out

    def report(self, name):
        return json.loads(self.text(name))

    def check(self, schema, document):
        with open(SCHEMAS / schema, encoding="utf-8") as file:
            validator = jsonschema.validators.validator_for(loaded := json.load(file))(loaded)
        errors = [f"{error.json_path}: {error.message}" for error in
                  validator.iter_errors(document)]
        self.assertEqual(errors[:5], [])

    def test_sarif_is_valid_for_its_schema(self):
        document = self.report("sarif")
        self.check("sarif-2.1.0.json", document)
        run = document["runs"][0]
        self.assertEqual(run["automationDetails"], {"id": "engine/aws/"})
        for rule in run["tool"]["driver"]["rules"]:
            for text in ("shortDescription", "fullDescription", "help"):
                self.assertTrue(rule[text]["text"], rule)
            self.assertGreater(float(rule["properties"]["security-severity"]), 0)
            self.assertIn("security", rule["properties"]["tags"])
        for result in run["results"]:
            place, = result["locations"]
            self.assertEqual(place["physicalLocation"]["region"], {"startLine": 1})
            self.assertTrue(result["partialFingerprints"]["primaryLocationLineHash"])
        self.assertEqual(len({one["partialFingerprints"]["primaryLocationLineHash"]
                              for one in run["results"]}), len(run["results"]))

    def test_ocsf_is_valid_for_its_schema(self):
        events = self.report("ocsf")
        for event in events:
            self.check("ocsf-1.6.0.json", event)
        by_status = {event["compliance"]["status"] for event in events}
        self.assertEqual(by_status, {"Pass", "Warning", "Fail"})
        self.assertEqual({event["status"] for event in events}, {"New", "Suppressed", "Resolved"})
        self.assertEqual({event["type_uid"] for event in events}, {200301, 200302})
        resources = [event["resources"][0] for event in events
                     if event["compliance"]["control"] == "sqs.public"]
        self.assertIn((f"arn:aws:sqs:us-east-1:{ACCOUNT}:new", "AwsSqsQueue", "us-east-1"),
                      [(one["uid"], one["type"], one["region"]) for one in resources])
        lost, = [event for event in events if "cannot be listed" in event["message"]]
        self.assertEqual((lost["severity_id"], lost["compliance"]["status_id"]), (4, 2))

    def test_asff_is_valid_for_security_hub(self):
        """The findings are valid for Security Hub's BatchImportFindings."""
        findings = self.report("asff")["Findings"]
        model = botocore.session.get_session().get_service_model("securityhub")
        shape = model.operation_model("BatchImportFindings").input_shape
        report = botocore.validate.ParamValidator().validate({"Findings": findings}, shape)
        self.assertFalse(report.has_errors(), report.generate_report())
        known = set(shape.members["Findings"].member.members)
        self.assertEqual({key for one in findings for key in one} - known, set())

    def test_junit_has_the_structure_that_jenkins_reads(self):
        text = self.text("junit")
        self.assertEqual(junit.problems(text), [])
        for element in ("failure", "error", "skipped", "testcase"):
            self.assertIn(f"<{element} ", text)

    def test_junit_of_tests_has_it_too(self):
        passing = pathlib.Path(ROOT, "tests/policies/sqs_test.lua").read_text()
        failing = passing.replace('["sqs.public"] = "non_compliant"', '["sqs.public"] = "compliant"')
        for text, status in ((passing, 0), (failing, 1)):
            pathlib.Path(cloud.path("sqs_test.lua")).write_text(text)
            run = cloud.engine("test", cloud.path("sqs_test.lua"), "--format", "junit")
            self.assertEqual(run.status, status, run)
            self.assertEqual(junit.problems(run.out), [])
            self.assertEqual("<failure " in run.out, status == 1)

    def test_wrong_junit_is_found(self):
        suite = '<testsuite name="a" tests="1" failures="0" errors="0">{}</testsuite>'
        case = '<testcase name="b">{}</testcase>'
        self.assertEqual(junit.problems(suite.format(case.format(""))), [])
        for text, problem in (
                (case.format(""), "testcase: must not be the outermost element"),
                (suite.format(case.format("text")), "testcase: must not contain text"),
                (suite.format(case.format("<failed/>")), "testcase: must not contain failed"),
                (suite.format('<testcase result="b"/>'), "testcase: has no name"),
                (suite.format('<testcase name="b" id="c"/>'), "testcase: id is not an attribute"),
                (suite.format(case.format("<error/>")), "errors is 0, and there are 1")):
            self.assertIn(problem, "\n".join(junit.problems(text)))


if __name__ == "__main__":
    unittest.main()
