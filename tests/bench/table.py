"""The table that script/bench prints."""


class Table:
    """Prints each figure beside its limit and its goal; .failed if one exceeds its limit. A goal is
    what a figure should become; once it is reached, it is the limit."""

    def __init__(self):
        self.failed = False
        print(f"{'':<52} {'measured':>10} {'':<6} {'limit':>8} {'goal':>8}")

    def group(self, title):
        print(title, flush=True)

    def row(self, name, value, unit="", limit=None, goal=None):
        over = limit is not None and value > limit
        self.failed |= over
        places = 0 if value >= 1000 else 2
        shown = ["" if number is None else f"{number:,g}" for number in (limit, goal)]
        status = "" if limit is None else "OVER" if over else "ok"
        print(f"  {name:<50} {value:>10,.{places}f} {unit:<6} {shown[0]:>8} {shown[1]:>8}  {status}"
              .rstrip(), flush=True)
