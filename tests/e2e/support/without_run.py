"""Reports without what tells their run from others, so that they can be compared."""
import re

TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\b1[78]\d{8,11}\b")
SCOPES = (re.compile(r"<properties>.*?</properties>\n", re.DOTALL),  # junit
          re.compile(r'"invocations":\[.*?\],(?="tool":)'),  # sarif
          re.compile(r"remediate by .*\nengine .*\n$"))  # table


def without_run(report):
    """The text without times and without the scope of a run of `engine remediate`."""
    for scope in SCOPES:
        report = scope.sub("", report)
    return TIME.sub("TIME", report)
