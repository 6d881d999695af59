"""The metrics of an invocation, as the handlers name them."""
import re

from support.cloud import ROOT

TEXT = "".join(path.read_text() for path in sorted((ROOT / "engine" / "app" / "lambda").glob("*.c")))
METRICS = sorted({*re.findall(r'metric_line_(?:count|time)\(\w+, *"(\w+)"', TEXT),
                  *re.findall(r'metric_line_(?:count|time)\(&\w+, "(\w+)"', TEXT),
                  *re.findall(r'"(Critical|High|Medium|Low|Unknown\w+)"', TEXT)})
