"""An account with a bad resource of every type (misconfiguration_maker's, and others that it does
not make) and a good twin of each, in one emulator that enforces IAM."""
import json

from support import estate
from support.clock import PastMoto
from support.cloud import ROOT, Cloud
from support.permissions import make_operator, make_role, permissions
from support.type_files import ACCOUNT, REGION, SETTINGS, WATCHED, all_types

STRANGER, FRIEND = estate.STRANGER, estate.FRIEND
OLD = 200  # days


def types():
    """The types that misconfiguration_maker can make."""
    kinds = ROOT / "misconfiguration_maker" / "kinds"
    return sorted(path.stem for path in kinds.glob("*.lua"))


class World:
    """bad: {type: id}; more: {event: (type, id)} of other bad ones, twins: {event: id} of their
    good ones; good: {type: id}; regions: {(type, id): region} of everything that a poll lists."""

    account, region = ACCOUNT, REGION
    settings = {"KNOWN_ACCOUNTS": FRIEND, **SETTINGS, "REPAIR": "all",
                "HOLD_IRREVERSIBLE": "false"}

    def __init__(self):
        self.cloud = Cloud(PastMoto)
        try:
            self.build()
        except BaseException:
            self.close()
            raise

    def build(self):
        for one in all_types().values():
            self.cloud.proxy.rules += one.stand_in()
        self.keys = make_operator(self.cloud)
        make_role(self.cloud, ACCOUNT, permissions())
        self.bad, self.good, self.others, self.regions = {}, {}, {}, {}
        self.make()
        for kind, one in all_types().items():
            self.others[kind] = one.others(self, self.bad[kind])
            self.good[kind] = one.good(self, f"good-{kind.replace('_', '-')}")
        self.more = {event: (kind, other.id) for kind, made in self.others.items()
                     for event, other in made.items()}
        self.twins = {event: other.twin for made in self.others.values()
                      for event, other in made.items() if other.twin}
        self.place()

    def place(self):
        for kind in self.bad:
            for id_ in (self.bad[kind], self.good[kind]):
                self.regions[kind, id_] = WATCHED if id_ == WATCHED else REGION
            for other in self.others[kind].values():
                if other.listed:
                    self.regions |= {(kind, id_): other.region
                                     for id_ in (other.id, other.twin) if id_}

    def close(self):
        self.cloud.close()

    def aws(self, service, region=REGION):
        return self.cloud.client(service, ACCOUNT, region)

    def engine(self, *args, stdin="", enforced=True, **more):
        """Runs the engine as the operator; clears the proxy's log first."""
        self.cloud.proxy.clear_requests()
        self.cloud.enforce(enforced)
        try:
            return self.cloud.engine(*args, stdin=stdin,
                                     **{**self.settings, **self.keys, **more})
        finally:
            self.cloud.enforce(False)

    def undo(self, journal):
        """The run; restores what the emulator forgets during it."""
        run = self.engine("undo", journal)
        for kind, one in all_types().items():
            one.undone(self, self.others[kind])
        return run

    def make(self, *kinds):
        """Lets misconfiguration_maker make its resources, again if they are gone for good."""
        old = {kind for kind, one in all_types().items() if not one.wrong()}
        for days, chosen in ((OLD, old), (0, set(types()) - old)):
            wanted = sorted(chosen & set(kinds or types()))
            if not wanted:
                continue
            self.cloud.emulator.go_back(days)
            run = self.cloud.engine("run", str(ROOT / "misconfiguration_maker" / "make.lua"),
                                    "make", "--account", ACCOUNT, "--region", REGION, *wanted)
            self.cloud.emulator.go_back()
            assert (run.status, run.err) == (0, ""), run
            for line in run.lines:
                self.bad[line["type"]] = line["id"]
                all_types()[line["type"]].spoil(self, line["id"])

    # Lines.

    def line(self, kind, id_, region=None):
        region = region or (WATCHED if id_ == WATCHED else REGION)
        return json.dumps({"account": ACCOUNT, "region": region, "type": kind, "id": id_}) + "\n"
