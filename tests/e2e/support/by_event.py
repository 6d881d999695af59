"""Bad resources found by the event of their making, instead of by polling."""
import json

from support.cloud import ROOT

EVENTS = ROOT / "tests" / "fixtures" / "events"


def event_of(name, id_):
    """The fixture ("ecs/RunTask"), on one line, as if it told of that resource."""
    own = json.loads((EVENTS / "expected.json").read_text(encoding="utf-8"))[name][0]["id"]
    event = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return json.dumps(event).replace(json.dumps(own)[1:-1], json.dumps(id_)[1:-1]) + "\n"


class ByEvent:
    """For a KindCase."""

    def remediate_after(self, name, id_):
        """{(id, check): finding}: the event is translated, and its line remediated."""
        run = self.engine("translate", stdin=event_of(name, id_))
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
