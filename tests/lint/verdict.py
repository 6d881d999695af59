"""verdict.py [ROOT]: the words of statuses, remediations, fixes and states are only in
engine/policy/verdict.c (those of a journal in journal_result.c): no other code compares or writes
them as text. The same word may be the key of a JSON object, or a word of another program's
format."""
import pathlib
import re
import sys

WORDS = ("compliant", "non_compliant", "unknown", "exempt", "pending", "gone", "resolved", "skipped",
         "available", "planned", "fixed", "failed", "held", "covered", "waits", "undone")
TABLES = {"engine/policy/verdict.c", "engine/journal/journal_result.c"}

# Words of other formats, or in texts for people: file to the words, with the reason.
OTHERS = {
    "engine/app/lambda/lambda_poller.c": ({"failed"}, "a poll's answer: the places that failed"),
    "engine/audit/source.c": ({"failed"}, "a mark in a list of lines"),
    "engine/aws/model_compiler/endpoints.c": ({"fixed"}, "a table of our own"),
    "engine/change/gate_repair.c": ({"failed"}, "a sentence"),
    "engine/change/gate_steps.c": ({"failed"}, "the state of a journal's line"),
    "engine/change/gate_undo.c": ({"undone"}, "the state of a journal's line"),
    "engine/compliance/compliance.c": ({"failed", "unknown", "exempt"}, "statuses of a control"),
    "engine/doctor/doctor_status.c": ({"failed"}, "a status of the set-up"),
    "engine/intake/poll_list.c": ({"failed"}, "the end of a poll's list"),
    "engine/journal/journal_read.c": ({"undone"}, "the state of a journal's line"),
    "engine/journal/journal_sums.c": ({"undone"}, "the state of a journal's line"),
    "engine/report/report_asff.c": ({"held"}, "a member that is copied"),
    "engine/report/report_compliance.c": ({"failed", "unknown", "exempt"}, "statuses of a control"),
    "engine/report/report_junit.c": ({"skipped"}, "JUnit's element"),
    "engine/report/report_lines.c": ({"held"}, "a column of CSV"),
    "engine/report/report_ocsf.c": ({"held"}, "a member that is copied"),
    "engine/report/report_summary.c": ({"unknown", "held"}, "keys of counts"),
    "engine/report/report_summary_text.c": ({"unknown", "held"}, "keys of counts"),
    "engine/report/report_totals.c": (set(WORDS), "what a total is called"),
    "engine/state/state_diff.c": ({"held"}, "a member that is compared"),
}

COMMENT = re.compile(r"/\*.*?\*/", re.S)
LITERAL = re.compile(r'"(' + "|".join(WORDS) + r')"')
# The literal is a key: the second argument of a function that reads or writes a member.
KEY = re.compile(r"\b(?:json_object_\w+|json_get_\w+|finding_(?:get|set)|share_member|set|put)\("
                 r"(?:[^()]|\([^()]*\))*?,\s*$")


def complaints(where, text):
    allowed = OTHERS.get(where, (set(),))[0]
    text = COMMENT.sub(lambda found: "\n" * found.group(0).count("\n"), text)
    for found in LITERAL.finditer(text):
        before = text[max(0, found.start() - 200):found.start()]
        if found[1] not in allowed and not KEY.search(before):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{where}:{line}: \"{found[1]}\" is a word of engine/policy/verdict.h"


def main(root):
    problems, files = [], 0
    for path in sorted((root / "engine").rglob("*.c")):
        where = path.relative_to(root).as_posix()
        files += 1
        if where not in TABLES:
            problems += complaints(where, path.read_text())
    print("\n".join(problems))
    print(f"verdict: {files} files, {len(problems)} problems")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
