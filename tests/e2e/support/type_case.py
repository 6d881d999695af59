"""The tests that each type has, and code that the further tests of types share.

    class Queues(TypeCase):
        type = "sqs"

They test, with the data of tests/types/<type>.py, the whole life of the bad resource and its good twin
(support/kind.py), the lines of the events, the listing page by page, and that the absent id is gone."""
from support import events, pager
from support.cloud import ROOT
from support.kind import KindCase
from support.translated import lines_by_name, numbered, translate, wanted_lines
from support.type_files import SETTINGS, all_types


class TypeCase(KindCase):
    @property
    def facts(self):
        return all_types()[self.type]

    def setUp(self):
        super().setUp()
        self.cloud.proxy.rules += self.facts.stand_in()

    def good(self, name="good"):
        return self.facts.good(self, name)

    def make(self, *types):
        ids = super().make(*types)
        for id_ in ids if not types else ():
            self.facts.spoil(self, id_)
        return ids

    def outcomes(self):
        """{check: the result of a repair of the maker's resource}, in the form of `life`."""
        return {f"{self.type}.{check}": word for check, word in self.facts.outcomes().items()}

    def clean(self):
        """Lets misconfiguration_maker delete its resources of the type."""
        run = self.cloud.engine("run", str(ROOT / "misconfiguration_maker" / "make.lua"), "clean",
                                "--account", self.account, "--region", self.region, self.type)
        self.assertEqual((run.status, run.out, run.err), (0, "", ""), run)

    def remediate_after(self, name, id_):
        """{(id, check): finding}: translates the event, and remediates its line."""
        run = self.engine("translate", stdin=events.event(name, id=id_))
        self.assertEqual((run.status, run.err), (0, ""), run)
        self.assertEqual(run.out.splitlines(), [self.line(id_).replace(" ", "")], run)
        return self.by_check(self.engine(
            "remediate", "--all", "--remediate", "--journal", self.cloud.path("by-event"),
            stdin=run.out))

    def assert_fixed_after(self, check, made):
        """made: {event: id}; each resource is found by its event, and repaired."""
        for name, id_ in made.items():
            with self.subTest(event=name):
                found = self.remediate_after(name, id_)[id_, check]
                self.assertEqual((found["status"], found["remediation"]),
                                 ("non_compliant", "fixed"), found)

    def test_found_repaired_and_undone(self):
        self.environment = {**SETTINGS, **self.environment}
        [bad] = self.make()
        self.assertEqual(self.make(), [bad])
        stays = self.outcomes() if self.facts.irreversible else ()
        self.life(bad={bad: self.outcomes()}, good=[self.good()], stays=stays)

    def test_what_does_not_exist_is_gone(self):
        found = self.audit(self.facts.absent.format(url=self.cloud.proxy.url))
        self.assertEqual({line["status"] for line in found.values()}, {"gone"}, found)

    def test_it_is_listed_page_by_page(self):
        rule, ids = pager.thousands(self.facts.listing)
        self.cloud.proxy.rules.append(rule)
        run = self.poll()
        self.assertEqual(run.err, "")
        listed = [line["id"] for line in run.lines]
        self.assertEqual(rule.asked, pager.PAGES)
        self.assertEqual(len(listed), len(ids))
        self.assertEqual(sorted(listed), sorted(ids))

    def test_its_events_give_their_lines(self):
        names = sorted(self.facts.events)
        done = translate(numbered(names))
        self.assertEqual((done.returncode, done.stderr.count(": error")), (0, 0), done)
        self.assertEqual(lines_by_name(done, names), wanted_lines(names))
