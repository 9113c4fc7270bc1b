"""Runs every test of this folder, and prints how many passed last."""

import pathlib
import sys
import unittest
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from test_vectors import VectorTest  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent


def main():
    # The Noise library warns of fixed ephemeral keys, which vectors need.
    warnings.filterwarnings("ignore", module="noise")
    suite = unittest.defaultTestLoader.discover(str(HERE), pattern=sys.argv[1] if sys.argv[1:] else "test_*.py")
    result = unittest.TextTestRunner(verbosity=2, warnings=False).run(suite)
    failed = len(result.failures) + len(result.errors)
    skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
    print(f"interop: {VectorTest.checked} cases of vectors agreed")
    print(f"interop: {result.testsRun - failed - len(result.skipped)} passed, {failed} failed{skipped}")
    return 1 if failed or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
