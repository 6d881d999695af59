"""What is wrong with what misconfiguration_maker makes, as soon as it is made; REQUIRED_TAGS names
Owner, and DEV_ACCOUNTS the account."""
from support.type_files import all_types

WRONG = {name: one.wrong() for name, one in all_types().items()}


def wrong_checks(findings):
    """{type: its checks that are not compliant} of findings."""
    wrong = {}
    for finding in findings:
        found = wrong.setdefault(finding["type"], set())
        if finding["status"] == "non_compliant":
            found.add(finding["check"].partition(".")[2])
    return wrong
