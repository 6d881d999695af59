"""run_unittest.py FILE: runs a file of unittest tests; none at all, or one skipped, is a failure."""
import os
import pathlib
import sys
import unittest


def main(path):
    counts = os.environ.get("ENGINE_LUA_COVERAGE")
    if counts:  # the engine appends to it
        pathlib.Path(counts).unlink(missing_ok=True)
    file = pathlib.Path(path).resolve()
    sys.path.insert(0, str(file.parent))
    suite = unittest.defaultTestLoader.loadTestsFromName(file.stem)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    if result.testsRun == 0 or result.skipped:
        print("no test ran" if result.testsRun == 0 else "a skipped test proves nothing")
        return 1
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
