"""HTML reports that are opened in headless Chromium."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from support.browser import Browser
from support.engine import ENGINE

WRITER = pathlib.Path(os.environ.get("REPORT_WRITER",
                                     pathlib.Path(ENGINE).parent / "tests/report_writer"))
MEMORY = 8 << 20  # bytes of its own; 20,000 findings are more than 30 MB of JSON
# Until the page shows what an event changes.
DRAWN = """new Promise((resolve) => {
  %s;
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(true)));
})"""
SEARCH = """(() => { const box = document.getElementById("search"); box.value = %s;
  box.dispatchEvent(new Event("input")); })()"""
CHOOSE = """[...document.querySelectorAll("#facets .facet")]
  .find((one) => one.querySelector("summary").textContent === %s).querySelectorAll("label")
  .forEach((label) => { if (label.querySelector(".name").textContent === %s) label.click(); })"""
COUNTS = """Object.fromEntries([...document.querySelectorAll("#facets .facet")].map((one) =>
  [one.querySelector("summary").textContent, Object.fromEntries([...one.querySelectorAll("label")]
    .map((label) => [label.querySelector(".name").textContent,
      Number(label.querySelector(".n").textContent.replace(/,/g, ""))]))]))"""
SHOWN = 'document.getElementById("shown").textContent'
SETTLED = """new Promise((resolve) => setTimeout(resolve, 50)).then(() => new Promise((resolve) => {
  const look = () => [...document.querySelectorAll("td.details")].some((one) =>
    one.textContent === "…") ? setTimeout(look, 10) : resolve(true);
  look(); }))"""


def write(path, lines, *missing):
    """Writes the page of the findings, with no more memory than MEMORY."""
    given = path.with_suffix(".jsonl")
    given.write_text(lines, encoding="utf-8")
    with given.open("rb") as source, path.open("wb") as page:
        subprocess.run(["prlimit", f"--data={MEMORY}", WRITER, *missing], stdin=source, stdout=page,
                       check=True)


class HtmlPage(unittest.TestCase):
    """.files is a folder for pages, .browser shows one of them."""

    @classmethod
    def setUpClass(cls):
        files = tempfile.TemporaryDirectory()
        cls.addClassCleanup(files.cleanup)
        cls.files = pathlib.Path(files.name)
        cls.browser = cls.enterClassContext(Browser())

    def setUp(self):
        self.browser.look()
        self.browser.said.clear()

    def show(self, *findings, name="page.html", missing=()):
        write(self.files / name, "".join(json.dumps(one) + "\n" for one in findings), *missing)
        self.browser.open(self.files / name)

    def cost(self, script):
        """Seconds of CPU until the page shows what the script changes: other tests run at the same
        time."""
        before = self.browser.cpu()
        self.browser.run(DRAWN % script)
        return self.browser.cpu() - before

    def search(self, words):
        return self.cost(SEARCH % json.dumps(words))

    def choose(self, facet, value):
        return self.cost(CHOOSE % (json.dumps(facet), json.dumps(value)))

    def open_first(self):
        """Opens the first finding, and waits for its details."""
        self.browser.run('document.getElementById("open-all").click()')
        self.browser.run(SETTLED)
        self.browser.run('document.querySelector("button.id").click()')
        self.browser.run(SETTLED)

    def text(self, selector):
        return self.browser.run(f"[...document.querySelectorAll({json.dumps(selector)})]"
                                ".map((one) => one.textContent)")
