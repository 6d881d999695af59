"""run_unittest.py FILE [CLASS]: runs a file of unittest tests, or one class of it. If there are no
tests, or one is skipped, it fails. At the end it prints the slowest tests."""
import pathlib
import sys
import time
import unittest

SLOWEST = 5


class Result(unittest.TextTestResult):
    """Records how long each test took: seconds by its name."""

    def __init__(self, *args, **named):
        super().__init__(*args, **named)
        self.took, self._began = {}, 0

    def startTest(self, test):
        self._began = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        super().stopTest(test)
        self.took[str(test)] = time.monotonic() - self._began

    def slowest(self):
        return sorted(self.took.items(), key=lambda one: -one[1])[:SLOWEST]


class Own(unittest.TestLoader):
    """Leaves out test cases that a file imports only to derive its own from them."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def loadTestsFromTestCase(self, case):
        own = case.__module__ == self.name
        return super().loadTestsFromTestCase(case) if own else self.suiteClass()


def main(path, *classes):
    file = pathlib.Path(path).resolve()
    # The files of the types import what the end-to-end suites share.
    sys.path[:0] = [str(file.parent), str(file.parent.parent / "e2e")]
    suite = Own(file.stem).loadTestsFromName(".".join((file.stem, *classes)))
    result = unittest.TextTestRunner(verbosity=2, resultclass=Result).run(suite)
    for name, seconds in result.slowest():
        print(f"{seconds:7.1f} s  {name}")
    if result.testsRun == 0 or result.skipped:
        print("no test ran" if result.testsRun == 0 else "a skipped test proves nothing")
        return 1
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
