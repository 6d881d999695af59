"""The full matrix: polling and each event of its type find every check; the expected calls repair
it; the repair is read back, and undone where that is possible. The good twins in the same batches
are not changed. One account holds all types, and IAM is enforced."""
import collections
import itertools
import json
import re
import unittest

from support import events
from support.journals import surprises
from support.permissions import generate
from support.type_files import ACCOUNT, WATCHED, all_types, every_check
from support.world import World, types

REPAIRS = every_check(lambda one: one.repairs)  # {check: the calls that repair it}

Round = collections.namedtuple("Round", "name findings writes undone")
world, rounds = None, []


def watched():
    """{event: [types that watch it]}, by the names of the fixtures."""
    found = collections.defaultdict(set)
    for name, lines in events.expected().items():
        for line in lines:
            found[events.key(name)].add(line["type"])
    return found


def fixture(event, kind):
    """A fixture of the event that names one resource of the type."""
    return next(name for name, lines in sorted(events.expected().items())
                if events.key(name) == event and [line["type"] for line in lines] == [kind])


def bad_of(event, kind):
    """The bad resource that the event names: its own, or the maker's."""
    return world.more[event][1] if event in world.more else world.bad[kind]


def good_of(event, kind):
    return world.twins.get(event, world.good[kind])


def event_of(event, kind, id_):
    region = WATCHED if id_ == WATCHED else None
    ids = None if kind == "region" else id_
    return events.event(fixture(event, kind), id=ids, account=ACCOUNT, region=region)


def batches():
    """[[(event, type)]]: the events of one type come one after another, all types at the same time.
    The events of regions, which nothing changes, all come in the first round."""
    lists = collections.defaultdict(list)
    for event, kinds in sorted(watched().items()):
        for kind in sorted(kinds):
            lists[kind].append((event, kind))
    regions = lists.pop("region")
    found = [[one for one in batch if one] for batch in itertools.zip_longest(*lists.values())]
    return [regions + found[0], *found[1:]]


def go(name, lines, again=()):
    """Repairs the resources of the lines, undoes the repairs, and makes again what cannot be
    undone."""
    run = world.engine("remediate", "--all", "--remediate", "--journal",
                       world.cloud.path(name), stdin=lines)
    odd = [line for line in run.lines if line["status"] not in ("compliant", "non_compliant")
           or line["remediation"] not in ("fixed", "none")]
    assert run.status == 2, (name, run.status, odd, run.err)
    writes = [one for one in world.cloud.proxy.writes() if not one.operation.startswith("sts:")]
    assert surprises(world.cloud.path(name)) == [], surprises(world.cloud.path(name))
    undo = world.undo(world.cloud.path(name))
    assert undo.status in (0, 2), undo
    rounds.append(Round(name, run.lines, writes, undo))
    gone = sorted(kind for kind in again if all_types()[kind].irreversible)
    if gone:
        world.make(*gone)


def polled():
    """The lines of a poll that name the world's resources, each once."""
    run = world.engine("poll", "--accounts", ACCOUNT, "--regions",
                       ",".join(sorted(set(world.regions.values()))))
    assert (run.status, run.err) == (0, ""), run
    found = [line for line in run.lines
             if world.regions.get((line["type"], line["id"])) == line["region"]]
    missing = set(world.regions) - {(one["type"], one["id"]) for one in found}
    assert len(found) == len(world.regions), missing
    return "".join(json.dumps(line) + "\n" for line in found)


def setUpModule():
    global world
    world = World()
    unittest.addModuleCleanup(world.close)
    go("poll", polled(), again=types())
    for number, batch in enumerate(batches()):
        text = "".join(event_of(event, kind, of(event, kind))
                       for event, kind in batch for of in (bad_of, good_of))
        run = world.engine("translate", stdin=text)
        assert (run.status, run.err, len(run.lines)) == (0, "", 2 * len(batch)), run
        go(f"events-{number}", "".join(json.dumps(line) + "\n" for line in run.lines),
           again={kind for _, kind in batch})


def all_good():
    return {*world.good.values(), *world.twins.values()}


def named(check):
    """The findings of a check on bad resources, in all rounds: [(number of the round, finding)]."""
    good = all_good()
    return [(number, line) for number, one in enumerate(rounds) for line in one.findings
            if line["check"] == check and line["id"] not in good]


class Matrix(unittest.TestCase):
    maxDiff = None

    def test_the_rounds_contain_every_event(self):
        patterns = json.loads(generate("events"))
        names = {f"{source.removesuffix('.amazonaws.com')}:{name}" for pattern in patterns
                 for source in pattern["detail"]["eventSource"]
                 for name in pattern["detail"]["eventName"]
                 if len(pattern["detail"]["eventSource"]) == 1}
        done = [event for batch in batches() for event, _ in batch]
        self.assertEqual(set(done), names)
        self.assertGreaterEqual(len(done), 70)

    def test_polling_finds_every_bad_resource(self):
        for check, calls in REPAIRS.items():
            statuses = {(line["status"], line["remediation"]) for number, line in named(check)
                        if number == 0 and line["status"] != "compliant"}
            self.assertEqual(statuses, {("non_compliant", "fixed" if calls else "none")}, check)

    def test_each_event_finds_every_failing_check(self):
        """Each event finds every failing check of its resource: all checks of the type, unless the
        event has a resource of its own."""
        for number, batch in enumerate(batches(), 1):
            for event, kind in batch:
                lines = [line for line in rounds[number].findings
                         if line["type"] == kind and line["status"] != "compliant"]
                checks = {line["check"] for line in lines}
                with self.subTest(event=event, type=kind):
                    self.assertTrue(lines)
                    self.assertEqual({line["status"] for line in lines}, {"non_compliant"})
                    for line in lines:
                        wanted = "fixed" if REPAIRS[line["check"]] else "none"
                        self.assertEqual(line["remediation"], wanted, line)
                    if event not in world.more:
                        self.assertEqual(checks, {f"{kind}.{name}"
                                                  for name in all_types()[kind].repairs})

    def test_repairs_make_the_expected_calls(self):
        for name, one in all_types().items():
            for check, calls in one.repairs.items():
                made = {step["call"] for _, line in named(f"{name}.{check}")
                        for step in line.get("steps", [])}
                self.assertEqual(made, set() if check in one.covered else set(calls),
                                 f"{name}.{check}")

    def test_good_twins_are_left_alone(self):
        for one in rounds:
            for line in one.findings:
                if line["id"] in all_good():
                    self.assertEqual((line["status"], line["remediation"]), ("compliant", "none"))
            for change, id_ in itertools.product(one.writes, all_good()):
                self.assertFalse(change.speaks_of(id_), (one.name, change, id_))
        self.assertLessEqual(all_good(), {line["id"] for line in rounds[0].findings})

    def test_reversible_repairs_are_undone(self):
        """Each round found the resource bad again after the round before had repaired it; so does
        this one."""
        lines = "".join(world.line(kind, id_) for kind, id_ in world.bad.items())
        run = world.engine("remediate", "--all", stdin=lines)
        bad = {line["check"] for line in run.lines if line["status"] == "non_compliant"}
        self.assertEqual(bad, set(REPAIRS), run)


class Exemptions(unittest.TestCase):
    """Exempt resources in a batch of all types do not affect the other resources."""
    maxDiff = None

    def remediate(self, exempt, *args):
        """{(type, check): finding} of all bad resources while some types are exempt."""
        with open(world.cloud.path("rules.json"), "w", encoding="utf-8") as file:
            json.dump({"rules": [{"type": kind, "id": world.bad[kind], "reason": "agreed",
                                  "expires": "2999-12-31"} for kind in exempt]}, file)
        lines = "".join(world.line(kind, id_) for kind, id_ in world.bad.items())
        run = world.engine("remediate", "--all", "--exceptions", world.cloud.path("rules.json"),
                           *args, stdin=lines)
        return {(line["type"], line["check"]): {**line, "time": ""} for line in run.lines}

    def test_exempt_types_do_not_change_the_other_findings(self):
        without = self.remediate([])
        for exempt in (["s3_bucket"], ["iam_user"], types()[::2], types()[1::2]):
            found = self.remediate(exempt)
            self.assertEqual({pair[0] for pair, line in found.items()
                              if line["status"] == "exempt"}, set(exempt))
            for pair, line in found.items():
                if pair[0] not in exempt:
                    self.assertEqual(line, without[pair])

    def test_the_other_types_are_repaired(self):
        exempt = types()[::2]
        found = self.remediate(exempt, "--remediate", "--journal", world.cloud.path("exempt"))
        for (kind, check), line in found.items():
            wanted = "none" if kind in exempt or not REPAIRS[check] else "fixed"
            self.assertEqual(line["remediation"], wanted, line)
        self.assertEqual(world.undo(world.cloud.path("exempt")).status, 2)
        world.make(*(kind for kind, one in all_types().items() if one.irreversible))
        left = self.remediate([])
        self.assertEqual({line["status"] for line in left.values()}, {"non_compliant"})


if __name__ == "__main__":
    unittest.main()
