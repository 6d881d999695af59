"""The checks that misconfiguration_maker's resources fail as soon as they are created, with
REQUIRED_TAGS set to Owner and DEV_ACCOUNTS to the account."""
from support.type_files import all_types

WRONG = {name: one.wrong() for name, one in all_types().items()}


def wrong_checks(findings):
    """{type: its checks that are not compliant}, from findings."""
    wrong = {}
    for finding in findings:
        found = wrong.setdefault(finding["type"], set())
        if finding["status"] == "non_compliant":
            found.add(finding["check"].partition(".")[2])
    return wrong
