"""terraform_checks.py FOLDER...: each folder of Terraform's text is clean by checkov.

Runs in checkov's own environment, and drives its Terraform runner: its command line loads every
other framework first, and takes one folder a run."""
import pathlib
import sys

from checkov.runner_filter import RunnerFilter
from checkov.terraform.runner import Runner


def complaints(report, folder):
    for path in report.parsing_errors:
        yield f"{path}: cannot be read"
    for record in report.failed_checks:
        path = pathlib.Path(folder, record.file_path.lstrip("/"))
        yield f"{path}:{record.file_line_range[0]}: {record.resource}: {record.check_id}: {record.check_name}"


def main():
    bad = False
    for folder in sys.argv[1:]:
        report = Runner().run(root_folder=folder, runner_filter=RunnerFilter(framework=["terraform"]))
        for line in complaints(report, folder):
            print(f"terraform: {line}")
            bad = True
        print(f"terraform: {folder}: {len(report.passed_checks)} checks passed")
        bad = bad or not report.passed_checks
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
