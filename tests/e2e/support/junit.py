"""JUnit reports, checked for the structure that Jenkins documents: the elements, their attributes
and their content are those of junit-10.xsd in
https://github.com/jenkinsci/xunit-plugin/tree/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd
without what the engine does not write (repeated runs): such an element is a problem."""
from xml.etree import ElementTree

# Of each element: required attributes, other attributes, elements in it. None: it has text instead.
RESULT = ((), ("type", "message"), None)
TEXT = ((), (), None)
ELEMENTS = {
    "testsuites": ((), ("name", "time", "tests", "failures", "errors"), {"testsuite"}),
    "testsuite": (("name", "tests", "failures", "errors"),
                  ("group", "time", "skipped", "timestamp", "hostname", "id", "package", "file",
                   "log", "url", "version"),
                  {"testsuite", "testcase", "properties", "system-out", "system-err"}),
    "properties": ((), (), {"property"}), "property": (("name",), ("value",), set()),
    "testcase": (("name",), ("time", "classname", "group"),
                 {"skipped", "error", "failure", "system-out", "system-err"}),
    "skipped": RESULT, "error": RESULT, "failure": RESULT, "system-out": TEXT, "system-err": TEXT}
ROOTS = {"testsuites", "testsuite"}
# A suite's numbers, and what they count.
COUNTS = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}


def wrong_attributes(element, required, others):
    for name in required:
        if name not in element.attrib:
            yield f"{element.tag}: has no {name}"
    for name in element.attrib:
        if name not in required and name not in others:
            yield f"{element.tag}: {name} is not an attribute of it"


def wrong_content(element, children):
    for child in element:
        if child.tag not in (children or ()):
            yield f"{element.tag}: must not contain {child.tag}"
    texts = [element.text, *(child.tail for child in element)]
    if children is not None and any((text or "").strip() for text in texts):
        yield f"{element.tag}: must not contain text"


def wrong_counts(suite):
    for name, tag in COUNTS.items():
        found = sum(1 for _ in suite.iter(tag))
        if name in suite.attrib and suite.get(name) != str(found):
            yield f"testsuite: {name} is {suite.get(name)}, and there are {found}"


def problems(text):
    """What is wrong with a report; an empty list: nothing."""
    root = ElementTree.fromstring(text)
    found = [] if root.tag in ROOTS else [f"{root.tag}: must not be the outermost element"]
    for element in root.iter():
        required, others, children = ELEMENTS.get(element.tag, ((), element.attrib, set()))
        found += wrong_attributes(element, required, others)
        found += wrong_content(element, children)
        if element.tag == "testsuite":
            found += wrong_counts(element)
    return found
