"""terraform_checks.py FOLDER...: each folder of Terraform files passes checkov.

Runs in checkov's own environment and calls its Terraform runner directly, because checkov's command
line first loads every other framework and accepts only one folder. Loading takes longer than all else,
so this lint tests itself here, unlike those of selftest.lints: it must find a queue without encryption."""
import contextlib
import io
import pathlib
import sys
import tempfile

from checkov.runner_filter import RunnerFilter
from checkov.terraform.runner import Runner


def complaints(report, folder):
    for path in report.parsing_errors:
        yield f"{path}: cannot be read"
    for record in report.failed_checks:
        path = pathlib.Path(folder, record.file_path.lstrip("/"))
        yield f"{path}:{record.file_line_range[0]}: {record.resource}: {record.check_id}: {record.check_name}"


QUEUE = 'resource "aws_sqs_queue" "this" {\n  name = "a"\n%s}\n'


def judge(folders):
    """Prints the problems; returns the exit status."""
    bad = False
    for folder in folders:
        report = Runner().run(root_folder=folder,
                              runner_filter=RunnerFilter(framework=["terraform"]))
        for line in complaints(report, folder):
            print(f"terraform: {line}")
            bad = True
        print(f"terraform: {folder}: {len(report.passed_checks)} checks passed")
        bad = bad or not report.passed_checks
    return 1 if bad else 0


def prove():
    with tempfile.TemporaryDirectory() as root, contextlib.redirect_stdout(io.StringIO()) as said:
        safe, unsafe = pathlib.Path(root, "safe"), pathlib.Path(root, "unsafe")
        for folder, text in ((safe, "  sqs_managed_sse_enabled = true\n"), (unsafe, "")):
            folder.mkdir()
            folder.joinpath("main.tf").write_text(QUEUE % text)
        statuses = [judge([str(safe)]), judge([str(safe), str(unsafe)])]
    output = said.getvalue()
    assert statuses == [0, 1], output
    assert f"{unsafe}/main.tf:1: aws_sqs_queue.this: CKV_AWS_27: " in output, output
    assert f"{safe}/main.tf" not in output and f"{safe}: 3 checks passed" in output, output


if __name__ == "__main__":
    prove()
    sys.exit(judge(sys.argv[1:]))
