"""What an HTML report holds as data (engine/report/report_html_data.h)."""
import base64
import json
import re
import zlib

BLOCK = re.compile(r'<script type="application/json" class="findings">(.*?)</script>', re.S)
REPORT = re.compile(r'<script type="application/json" id="report">(.*?)</script>', re.S)


def findings_of(text):
    """The findings of a report in jsonl or HTML; not what differs from one run to the
    next: their times and their order."""
    found = Page(text).findings if text.startswith("<") else map(json.loads, text.splitlines())
    return sorted(json.dumps({**one, "time": None}, sort_keys=True) for one in found)


class Page:
    """.findings are those that were written, .report is what the page knows of the run."""

    def __init__(self, text):
        self.text = text
        self.report = json.loads(REPORT.search(text)[1])
        self.findings = [finding for block in BLOCK.findall(text)
                         for finding in self._read(json.loads(block))]

    def _read(self, block):
        details = json.loads(zlib.decompress(base64.b64decode(block["details"])))
        for row, rest in zip(block["rows"], details, strict=True):
            named = dict(zip(("account", "region", "type", "id"), row[1:5]))
            yield {**self.report["checks"][row[0]], **named, "summary": row[7], **rest}
