"""What the tests know about each type: tests/types/<type>.py, found by folder.

The file of a type describes the resource that misconfiguration_maker makes, what repairs it, how to
make its good twin, the events about it, an id that does not exist, and a page of its listing:

    TYPE = Type(
        repairs={"public": {"sqs:SetQueueAttributes"}, "shared": NOTHING},
        good=good, absent="…", listing=Listing(…), calls=Calls(…), deployed=Deployed(…),
        events={**events_of(QUEUE, "sqs:CreateQueue", "sqs:SetQueueAttributes")})

A function of a type gets a place: `cloud`, `account`, `region`, and `aws(service)`, a boto3 client
that bypasses the engine. The tests of the type are in the same file, in a TypeCase."""
import collections
import dataclasses
import functools
import importlib.util
import typing

from support.engine import ROOT

ACCOUNT, REGION, WATCHED = "111122223333", "us-east-1", "eu-west-1"
# With these settings, every check of every type is on in that account.
SETTINGS = {"REQUIRED_TAGS": "Owner", "DEV_ACCOUNTS": ACCOUNT, "DB_CHECK_TIME": "0"}
NOTHING = frozenset()  # the calls of a check without a repair
FOLDER, POLICIES = ROOT / "tests" / "types", ROOT / "policies"


@dataclasses.dataclass(frozen=True)
class Lines:
    """The resource lines that an event gives. `request` and `response` are the elements of an event
    without a file in tests/fixtures/events."""
    ids: tuple
    delay: int
    region: str
    request: dict | None
    response: dict | None


def events_of(ids, *names, delay=0, region=REGION, request=None, response=None):
    """{event: the lines that it gives}, for an id or a list of ids."""
    ids = (ids,) if isinstance(ids, str) else tuple(ids)
    return dict.fromkeys(names, Lines(ids, delay, region, request, response))


# The list call of a type: `item` makes the element of the list `member` from an id, `form` an id
# from a number.
Listing = collections.namedtuple("Listing", "service operation member item form")
# The calls for listing a region and for auditing a good and a bad resource, as in docs/calls.md.
Calls = collections.namedtuple("Calls", "listing good bad")
# A bad resource that one event is about: its id, its good twin, its place, and whether it is
# listed.
Other = collections.namedtuple("Other", "id twin region listed", defaults=(None, REGION, True))


@dataclasses.dataclass(frozen=True)
class Deployed:
    """How the deployed functions (test_chain.py) find the bad resource: by which event, in which
    emulator. The checks `unseen` do not find it there; `spared` ones are exempt."""
    event: str
    emulator: str = "ministack"
    unseen: frozenset = frozenset()
    spared: frozenset = frozenset()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Type:
    """See the head of this file. Checks are named without their type."""
    repairs: dict  # {check: the calls that repair it}; the maker's resource fails each check
    good: typing.Callable  # good(place, name) -> the id of a resource that passes each check
    events: dict
    absent: str | None  # "{url}" stands for the emulator's
    listing: Listing | None
    calls: Calls
    deployed: Deployed
    covered: frozenset = frozenset()  # checks that the calls of another check repair as well
    # The maker's resource passes these checks at first: it has to grow old, or `spoil` changes it.
    passed: frozenset = frozenset()
    spoil: typing.Callable = lambda place, bad: None  # spoil(place, bad's id), after each make
    impacts: dict = dataclasses.field(default_factory=dict)  # {check: "stops" or "destroys"}
    # Why no emulator shows that Terraform creates the resource: nobody wrote it ("unwritten"), no
    # Terraform resource makes it bad ("impossible"), or the emulator cannot apply it twice, so that
    # only a mocked provider creates it ("mocked").
    by_script: str = ""
    irreversible: bool = False  # after the repair, the resource is gone for good
    others: typing.Callable = lambda place, bad: {}  # others(place, bad's id) -> {event: Other}
    undone: typing.Callable = lambda place, others: None  # called after each undo, with the others
    stand_in: typing.Callable = lambda: []  # rules of the proxy, for what the emulator cannot answer
    not_shown: tuple = ()  # (what no emulator shows, why, the spec that proves it, its test)

    def wrong(self):
        """The checks that the maker's resource fails at once."""
        return set(self.repairs) - self.passed

    def outcomes(self):
        """{check: the result of a repair of the resource}."""
        return {check: "fixed" if calls else "none" for check, calls in self.repairs.items()}


def names(folder, pattern):
    return {path.stem for path in folder.glob(pattern)}


def load(path):
    """The TYPE of a type's file."""
    spec = importlib.util.spec_from_file_location(f"tests.types.{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = getattr(module, "TYPE", None)
    if not isinstance(found, Type):
        raise LookupError(f"{path}: does not set TYPE to a Type")
    return found


def read(folder, policies):
    """{type: Type}; raises LookupError for a type without a file and a file without a type."""
    files, types = names(folder, "*.py"), names(policies, "*.lua")
    for name in sorted(types - files):
        raise LookupError(f"{folder}/{name}.py is missing: {policies}/{name}.lua is a type")
    for name in sorted(files - types):
        raise LookupError(f"{folder}/{name}.py describes no type: {policies}/{name}.lua is missing")
    return {name: load(folder / f"{name}.py") for name in sorted(files)}


@functools.cache
def all_types():
    """{type: Type} of the shipped policies."""
    return read(FOLDER, POLICIES)


def every_check(of):
    """{check, with its type: of(its Type)[its name]}, of all types."""
    return {f"{name}.{check}": value for name, one in all_types().items()
            for check, value in of(one).items()}
