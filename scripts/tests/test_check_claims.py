"""What check-claims lets through, and what it does not."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "check-claims"
LOADER = importlib.machinery.SourceFileLoader("check_claims", str(SCRIPT))
check = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_claims", LOADER))
LOADER.exec_module(check)

CLAIM = "### C{0}. Something holds\n**Rests on** this. **How**: so. **Ends** there.\n\nTests:\n{1}\n"
NAMED = "- `Room/SomeTests`: `aName`"


class CheckClaims(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "Room").mkdir()
        self.file = self.root / "Room/SomeTests.swift"
        self.file.write_text("@Test(arguments: [1]) func aName(_ number: Int) {}\n")

    def found(self, *claims):
        page = "".join(CLAIM.format(number + 1, tests) for number, tests in enumerate(claims)) + "\n## After\n"
        return list(check.problems(page, self.root))

    def test_a_claim_with_a_test_passes(self):
        self.assertEqual(self.found(NAMED), [])

    def test_a_claim_without_a_test_fails(self):
        self.assertEqual(self.found(NAMED, ""), ["C2 names no test"])
        self.assertEqual(self.found(""), ["C1 names no test"])

    def test_a_test_that_is_not_there_fails(self):
        self.assertEqual(len(self.found(NAMED.replace("aName", "anotherName"))), 1)
        self.assertEqual(len(self.found(NAMED.replace("Some", "Other"))), 1)

    def test_what_is_no_test_or_is_switched_off_fails(self):
        self.file.write_text("func aName() {}\n")
        self.assertEqual(len(self.found(NAMED)), 1)
        self.file.write_text("@Test func other() {}\n@Test(.disabled(\"slow\")) func aName() {}\n")
        self.assertEqual(len(self.found(NAMED)), 1)
        self.file.write_text("@Test(.enabled(if: false)) func aName() {}\n")
        self.assertEqual(len(self.found(NAMED)), 1)

    def test_what_asks_for_a_machine_that_has_something_is_a_test(self):
        self.file.write_text("@Test(.enabled(if: isRoot, \"skipped: needs root\")) func aName() {}\n")
        self.assertEqual(self.found(NAMED), [])

    def test_a_test_that_is_named_behind_the_claims_is_there(self):
        page = CLAIM.format(1, NAMED) + "\n## After\n\n" + NAMED + "\n"
        self.assertEqual(list(check.problems(page, self.root)), [])
        behind = page + NAMED.replace("aName", "anotherName") + "\n"
        self.assertEqual(len(list(check.problems(behind, self.root))), 1)

    def test_a_claim_says_where_it_ends(self):
        self.assertEqual(len(list(check.problems(CLAIM.format(1, NAMED).replace("**Ends**", "It ends"), self.root))), 1)

    def test_a_fault_names_tests_that_are_there(self):
        page = "# Faults\n\n### One\n" + NAMED + "\n"
        self.assertEqual(list(check.faults(page, self.root)), [])
        self.assertEqual(list(check.faults(page + "\n### Two\n", self.root)), ["Two names no test"])
        self.assertEqual(len(list(check.faults(page.replace("aName", "anotherName"), self.root))), 1)
        self.assertEqual(len(list(check.faults("# Faults\n", self.root))), 1)

    def test_no_claims_fail(self):
        self.assertEqual(len(list(check.problems("## Nothing\n", self.root))), 1)
        self.assertEqual(len(list(check.problems(CLAIM.format(2, NAMED), self.root))), 1)

    def test_words_are_found_wherever_they_stand(self):
        for word in ("Unbreakable", "military grade", "MILITARY-GRADE", "quantum\nencryption", "stronger than any crypto"):
            (self.root / "README.md").write_text(f"It is {word}.\n")
            self.assertEqual(len(list(check.written(self.root))), 1, word)
        (self.root / "README.md").write_text("It rests on the AEAD.\n")
        (self.root / "Sources").mkdir()
        (self.root / "Sources/Help.swift").write_text('abstract: "un-breakable"\n')
        self.assertEqual(len(list(check.written(self.root))), 1)

    def test_a_program_is_read_and_asked(self):
        program = self.root / "program"
        help_text = "a word " * 200
        program.write_text(f"#!/bin/sh\necho '{{\"abstract\": \"{help_text}\"}}'\n")
        program.chmod(0o755)
        self.assertEqual(list(check.printed(program)), [])
        # In two strings of the program, and in one line of its help.
        program.write_text(f"#!/bin/sh\ngrade=grade\necho '{{\"abstract\": \"{help_text} military '$grade'\"}}'\n")
        self.assertEqual(len(list(check.printed(program))), 1)
        program.write_text("#!/bin/sh\necho '{}'\n")
        self.assertEqual(len(list(check.printed(program))), 1)


if __name__ == "__main__":
    unittest.main()
