"""docs/costs.md has the tables that script/costs prints, and their counts are those of the checkout."""
import json
import re
import runpy
import subprocess
import unittest

from support.cloud import ROOT
from support.deployment import ALARMS, ALARMS_OF_A_REGION
from support.metrics import METRICS
from support.permissions import generate

SCRIPT = ROOT / "script" / "costs"
PAGE = (ROOT / "docs" / "costs.md").read_text()
VARIABLES = (ROOT / "terraform" / "variables.tf").read_text()


def default(name):
    [text] = re.findall(rf'(?ms)^variable "{name}" \{{.*?^  default +=\s+(.+?)$', VARIABLES)
    return text


def printed(*words):
    return subprocess.run([SCRIPT, *words], text=True, capture_output=True, check=False)


def sums(text):
    """{cost driver: dollars for each size}"""
    rows = re.findall(r"(?m)^\| (.+?) \| \**([\d.,]+)\** \| \**([\d.,]+)\** \| \**([\d.,]+)\** \|$", text)
    return {name: [float(one.replace(",", "")) for one in numbers] for name, *numbers in rows}


class Costs(unittest.TestCase):
    def setUp(self):
        self.assumed = {name: held[0] for name, held in runpy.run_path(str(SCRIPT))["ASSUMED"].items()}

    def test_the_page_contains_what_the_script_prints(self):
        self.assertIn(f"\n\n{printed().stdout}\n## ", PAGE, "docs/costs.md: script/costs prints other tables")

    def test_the_totals_are_the_sums_of_the_rows(self):
        rows = sums(printed().stdout)
        total = rows.pop("**total per month, in dollars**")
        each = rows.pop("per account and month, in dollars")
        day = rows.pop("per day, in dollars (a thirtieth)")
        self.assertGreater(len(rows), 10)
        for place, accounts in enumerate((10, 100, 1000)):
            self.assertAlmostEqual(sum(row[place] for row in rows.values()), total[place], delta=0.1)
            self.assertAlmostEqual(total[place] / accounts, each[place], delta=0.01)
            self.assertAlmostEqual(total[place] / 30, day[place], delta=0.01)

    def test_the_page_of_deployers_says_what_a_day_costs(self):
        days = sums(printed().stdout)["per day, in dollars (a thirtieth)"]
        day = [f"{one:.2g}" for one in days]  # which another type does not change
        self.assertIn(f"{day[0]} dollars for 10 accounts, {day[1]} for 100, {day[2]} for 1,000",
                      (ROOT / "docs" / "deployment.md").read_text())

    def test_types_regions_and_settings_are_those_of_the_checkout(self):
        types = {check["type"] for check in json.loads(generate("checks", "--format", "json"))}
        self.assertEqual(self.assumed["global_types"] + self.assumed["regional_types"], len(types))
        self.assertGreaterEqual(self.assumed["global_types"], 3)
        self.assertEqual(self.assumed["regions"], len(re.findall(r'"[\w-]+"', default("regions"))))
        self.assertEqual(self.assumed["gb"], int(default("memory_size")) / 1024)
        self.assertEqual(self.assumed["log_months"], round(int(default("log_retention_days")) / 30.4))
        self.assertLessEqual(self.assumed["batch"], int(default("batch_size")))

    def test_alarms_and_metrics_are_those_of_the_checkout(self):
        """One alarm watches a region as a whole, one the sum of three metrics, and three the rate
        of two."""
        self.assertEqual(self.assumed["master_alarms"], len(ALARMS) + 1 + 2 + 3)
        self.assertEqual(self.assumed["region_alarms"], len(ALARMS_OF_A_REGION))
        text = "".join(path.read_text() for path in sorted((ROOT / "terraform").glob("*.tf")))
        names = set(re.findall(r'namespace += "engine"\n +metric_name += "([A-Z]\w+)"', text))
        names |= set(re.findall(r'\{ metric = "(\w+)", about', text))
        names |= set(re.findall(r'= \["([A-Z]\w+)", "[A-Z]', text))
        alarmed = names - set(METRICS) - {"EventsWithoutId"}
        both = len(re.findall(r"merge\(local\.counted, ", text))  # of the poller and the remediator
        of_poller = ["ResourcesListed", "PlacesListed", "Calls", "ThrottledCalls"]
        of_translator = ["Events", "Lines", "Calls", "ThrottledCalls", "EventsWithoutId"]
        of_remediator = set(METRICS) - set(of_poller[:2]) - set(of_translator[:2])
        self.assertEqual((both, self.assumed["metrics"]),
                         (2, len(alarmed) + both - 1 + len(of_poller) + len(of_remediator)))
        self.assertEqual(self.assumed["region_metrics"], len(of_translator))

    def test_one_number_of_accounts(self):
        usual = printed().stdout
        of_a_hundred = dict(re.findall(r"(?m)^\| ([^|]+?) \| [^|]+ \| ([^|]+?) \| [^|]+ \|$", usual))
        found = re.findall(r"(?m)^\| ([^|]+?) \| ([^|]+?) \|$", printed("accounts=100").stdout)
        self.assertGreater(len(found), 10)
        for driver, dollars in found:
            self.assertEqual(dollars, of_a_hundred[driver], driver)
        for word in ("accounts=many", "--halp"):
            self.assertEqual(printed(word).stderr,
                             f"costs: {word}: write NAME=NUMBER, such as accounts=300\n")
        self.assertTrue(printed("--help").stdout.startswith("costs [NAME=NUMBER...]: "))

    def test_other_assumptions_change_the_costs(self):
        usual, other = sums(printed().stdout), sums(printed("guardduty=0", "regions=8").stdout)
        self.assertEqual(other["GuardDuty: analysis of each call"], [0, 0, 0])
        alarms = "CloudWatch: an alarm in each account and region"
        self.assertEqual(other[alarms], [2 * one for one in usual[alarms]])
        self.assertEqual(printed("nothing=1").stderr,
                         "costs: nothing is neither a price nor an assumption\n")
        self.assertEqual(printed("acounts=1").stderr, "costs: acounts is neither a price nor an "
                         "assumption, did you mean accounts?\n")


if __name__ == "__main__":
    unittest.main()
