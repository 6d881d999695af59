"""Every change can be undone, and none is made twice: if `apply` or `undo` is killed at any moment,
if a response is lost after the change, if the disk is full, or if two processes run at the same
time. With ENGINE_TEST_LONG=1, 100 processes are killed instead of 20, and the results are
printed."""
import json
import os
import random
import resource
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from support.engine import ENGINE, environment
from support.fake_changes import FakeChanges

LONG = os.environ.get("ENGINE_TEST_LONG") == "1"
KILLS = 100 if LONG else 20
QUEUES, FUNCTIONS = 6, 3
ALL = QUEUES + 3 * FUNCTIONS  # each function has three statements, so its fix has three steps

api = None


def setUpModule():
    global api
    api = FakeChanges(QUEUES, FUNCTIONS)


def tearDownModule():
    api.close()


class Journal(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.random = random.Random(time.time_ns())
        api.reset()
        self.slow(0)
        self.write_plan()

    @staticmethod
    def slow(seconds):
        api.slow_s = seconds

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, *args, stdin=subprocess.DEVNULL, limit=None, wrapper=()):
        def prepare():
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        names = environment(self.folder, api.url, MEMBER_ROLE="none", VERIFY_SECONDS="2",
                            KNOWN_ACCOUNTS="111122223333")
        return subprocess.Popen([*wrapper, ENGINE, *args], stdin=stdin, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=names, cwd=self.folder,
                                preexec_fn=prepare, text=True)

    def engine(self, *args, stdin=None, **more):
        process = self.start(*args, stdin=subprocess.PIPE, **more)
        out, err = process.communicate(stdin, timeout=120)
        return process.returncode, out, err

    def write_plan(self):
        status, _, err = self.engine("plan", "--output", self.path("plan"), stdin=api.lines())
        self.assertEqual(status, 2, err)

    def apply(self, *args, **more):
        return self.engine("apply", self.path("plan"), *args, **more)

    def undo(self):
        """Undoes everything and verifies the result; returns the results, grouped by their word."""
        status, out, err = self.engine("undo", self.path("plan.journal"))
        self.assertEqual(api.changed(), [], (out, err))
        self.assertEqual(status, 0, (out, err))
        return [json.loads(line)["result"] for line in out.splitlines()]

    def quiet(self, process):
        """The process is dead, and every request that it had sent has been carried out or not."""
        process.communicate(timeout=120)
        api.at_write = lambda number, phase: False
        before = -1
        while before != api.writes:
            before = api.writes
            time.sleep(0.05)

    # ---- kills

    def kill_at_a_moment(self, process):
        time.sleep(self.random.uniform(0.02, 0.5))
        process.kill()

    def kill_at(self, chosen, phase):
        """Kills the process at one of its calls: before the call, which is then not carried out, or
        after it, without a response."""
        def at_write(number, now):
            if (number, now) == (chosen, phase) and self.process.poll() is None:
                self.process.kill()
                self.process.wait()
                return True
            return False
        api.at_write = at_write

    def kill_at_a_write(self):
        self.kill_at(self.random.randrange(ALL), self.random.choice(("before", "after")))

    def one_kill(self, number):
        """The number of changes that apply had made when it was killed."""
        api.reset()
        if os.path.exists(self.path("plan.journal")):
            os.remove(self.path("plan.journal"))
        by_write = number % 2 == 0
        self.slow(0 if by_write else 0.01)
        if by_write:
            self.kill_at_a_write()
        self.process = self.start("apply", self.path("plan"))
        if not by_write:
            self.kill_at_a_moment(self.process)
        self.quiet(self.process)
        self.slow(0)
        return api.changes

    def test_changes_of_a_killed_apply_are_undone(self):
        made, torn = 0, 0
        for number in range(KILLS):
            with self.subTest(kill=number):
                changes = self.one_kill(number)
                made += changes
                torn += 0 < changes % 3
                if number % 4 == 3 and os.path.exists(self.path("plan.journal")):
                    self.apply()  # continues, and makes no change twice
                if os.path.exists(self.path("plan.journal")):
                    self.undo()
                self.assertEqual(api.changed(), [])
                self.assertEqual(api.twice, [])
        self.assertGreater(made, KILLS)
        if LONG:
            print(f"{KILLS} kills of apply, {made} changes, all taken back, none made twice")

    def test_a_kill_between_the_steps_of_one_fix(self):
        with open(self.path("plan"), encoding="utf-8") as file:
            fix = next(line for line in file if '"id":"function-0"' in line)
        with open(self.path("plan"), "w", encoding="utf-8") as file:
            file.write(fix)
        for step in range(3):
            for phase in ("before", "after"):
                api.reset()
                self.kill_at(step, phase)
                self.process = self.start("apply", self.path("plan"))
                self.quiet(self.process)
                self.assertEqual(api.changes, step + (phase == "after"))
                self.assertEqual(self.undo(), ["undone"])
                self.assertEqual(api.twice, [])
                os.remove(self.path("plan.journal"))

    def test_a_killed_undo_can_be_continued(self):
        for number in range(5):
            api.reset()
            self.assertEqual(self.apply()[0], 0)
            self.assertEqual(api.changes, ALL)
            api.clear()
            self.kill_at_a_write()
            self.process = self.start("undo", self.path("plan.journal"))
            self.quiet(self.process)
            self.undo()
            self.assertEqual(api.twice, [], number)
            self.assertEqual(api.changes, ALL)
            os.remove(self.path("plan.journal"))

    # ---- lost answers

    def test_a_response_that_is_lost_after_the_change(self):
        for every in (1, 2, 3):
            api.reset()
            api.at_write = lambda number, phase, every=every: (
                phase == "after" and number % every == 0)
            status, out, err = self.apply()
            reported = [json.loads(line) for line in out.splitlines()]
            self.assertEqual({one["remediation"] for one in reported}, {"fixed"}, err)
            self.assertEqual((status, api.changes, api.twice), (0, ALL, []))
            self.undo()
            self.assertEqual((api.changes, api.twice), (2 * ALL, []))
            os.remove(self.path("plan.journal"))

    def test_a_request_that_is_lost_before_the_change(self):
        api.at_write = lambda number, phase: phase == "before" and number % 2 == 0
        status, out, err = self.apply()
        reported = [json.loads(line)["remediation"] for line in out.splitlines()]
        self.assertEqual(set(reported), {"fixed", "failed"}, err)
        self.assertEqual(status, 1)
        self.assertIn("its effect is not visible", out)
        self.assertEqual(api.twice, [])
        self.assertLessEqual(api.writes, ALL)
        api.at_write = lambda number, phase: False
        self.undo()
        self.assertEqual(api.twice, [])

    # ---- full disks

    def test_a_file_that_may_not_grow(self):
        self.assertEqual(self.apply()[0], 0)
        whole = os.path.getsize(self.path("plan.journal"))
        self.undo()
        os.remove(self.path("plan.journal"))
        held = 0
        for limit in (0, 100, *range(1500, 20 * whole, 3 * whole)):
            api.reset()
            status, out, err = self.apply(limit=limit)
            self.assertGreaterEqual(status, 0, "it was ended by a signal")
            self.assertEqual(api.twice, [])
            held += api.changes < ALL
            if api.changes < ALL:
                self.assertEqual(status, 1, (out, err))
                self.assertIn("there is no space for the journal", out)
            if os.path.exists(self.path("plan.journal")):
                self.undo()
                os.remove(self.path("plan.journal"))
            self.assertEqual(api.changed(), [])
        self.assertGreater(held, 2)

    def test_a_disk_that_is_full(self):
        """A file system with room for only so many pages of 4 KiB, in a mount namespace of its
        own."""
        small = self.path("small")
        os.mkdir(small)
        apart = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        if subprocess.run([*apart, "true"], check=False, capture_output=True).returncode != 0:
            return  # this machine does not allow it; the limit above has the same effect
        for pages in (0, 1, 2, 4, 8, 100):
            api.reset()
            script = (f"mount -t tmpfs -o size={max(pages, 1) * 4}k none {small} || exit 70\n"
                      + (f"head -c 4096 /dev/zero > {small}/filler\n" if pages == 0 else "")
                      + f'"$@"; status=$?; cp {small}/journal {self.path("plan.journal")}; '
                      "exit $status")
            status, out, err = self.apply("--journal", small + "/journal",
                                          wrapper=[*apart, "sh", "-c", script, "sh"])
            self.assertEqual(status, 0 if pages == 100 else 1, (out, err))
            self.assertEqual(api.changes < ALL, pages < 100, (pages, out, err))
            self.assertEqual(api.twice, [])
            if os.path.exists(self.path("plan.journal")):
                self.undo()
                os.remove(self.path("plan.journal"))
            self.assertEqual(api.changed(), [])

    # ---- two at once

    def both(self, command, *plans):
        """Runs it for each plan at once; each change waits until one of the processes has ended, so
        that none is done before the other begins. Returns the processes and their output."""
        running = []
        api.at_write = lambda number, phase: api.until(lambda: len(running) == 2 and any(
            one.poll() is not None for one in running))
        for words in plans:
            running.append(self.start(command, *words))
        try:
            return running, [one.communicate(timeout=120) for one in running]
        finally:
            api.at_write = lambda number, phase: False

    def test_two_processes_make_no_change_twice(self):
        for number in range(5):
            api.reset()
            more = ("--journal", self.path("other")) if number % 2 else ()
            (one, two), reported = self.both("apply", [self.path("plan")],
                                             [self.path("plan"), *more])
            statuses = sorted((one.returncode, two.returncode))
            self.assertEqual(statuses, [0, 1], reported)
            self.assertEqual(api.twice, [])
            self.assertEqual(api.changes, ALL)
            loser = reported[0] if one.returncode else reported[1]
            self.assertIn("another engine is applying the plan", loser[1])
            self.assertEqual(loser[0], "")
            for name in ("plan.journal", "other"):
                if os.path.exists(self.path(name)):
                    os.rename(self.path(name), self.path("plan.journal"))
            self.undo()
            os.remove(self.path("plan.journal"))

    def test_copies_of_a_journal_are_used_once(self):
        shutil.copy(self.path("plan"), self.path("copy"))
        (one, two), reported = self.both("apply", [self.path("plan")], [self.path("copy")])
        self.assertEqual(sorted((one.returncode, two.returncode)), [0, 1], reported)
        self.assertIn("another engine is applying the plan", reported[0][1] + reported[1][1])
        self.assertEqual((api.twice, api.changes), ([], ALL))
        if os.path.exists(self.path("copy.journal")):
            os.rename(self.path("copy.journal"), self.path("plan.journal"))
        shutil.copy(self.path("plan.journal"), self.path("twin"))
        (one, two), reported = self.both("undo", [self.path("plan.journal")], [self.path("twin")])
        self.assertEqual(sorted((one.returncode, two.returncode)), [0, 1], reported)
        self.assertIn("another engine is undoing", reported[0][1] + reported[1][1])
        self.assertEqual((api.twice, api.changed()), ([], []))

    def test_undo_waits_for_no_apply(self):
        undone = threading.Event()
        self.addCleanup(undone.set)
        api.at_write = lambda number, phase: not undone.wait(120)
        running = self.start("apply", self.path("plan"))
        while not os.path.exists(self.path("plan.journal")) and running.poll() is None:
            time.sleep(0.01)
        status, _, err = self.engine("undo", self.path("plan.journal"))
        undone.set()
        self.assertEqual(status, 1, err)
        self.assertIn("another engine process is using the journal", err)
        running.communicate(timeout=60)
        self.undo()


if __name__ == "__main__":
    unittest.main()
