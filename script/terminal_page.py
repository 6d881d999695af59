"""terminal_page.py COMMAND: turns what a command printed on a terminal (stdin, with escape
sequences for colours) into an HTML page that looks like the terminal (stdout)."""
import html
import re
import sys

COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "36": "#76e3ea"}
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #0d1117; color: #e6edf3; }}
pre {{ margin: 18px 22px; font: 15px/1.36 "DejaVu Sans Mono", monospace; }}
.prompt {{ color: #7ee787; }}
</style><pre><span class="prompt">{prompt}</span>
{text}</pre>
"""


def style(codes):
    """The style of a sequence such as "1;31"; none for 0, which ends one."""
    rules = {"1": "font-weight: bold", "2": "opacity: 0.55"}
    rules.update({code: f"color: {colour}" for code, colour in COLOURS.items()})
    return "; ".join(rules[code] for code in codes.split(";") if code in rules)


def spans(text):
    is_open = False
    for piece in re.split(r"(\x1b\[[0-9;]*m)", text):
        if not piece.startswith("\x1b"):
            yield html.escape(piece)
            continue
        rules = style(piece[2:-1])
        yield "</span>" * is_open + (f'<span style="{rules}">' if rules else "")
        is_open = bool(rules)


def main(command):
    printed = sys.stdin.read().replace("\r\n", "\n")
    print(PAGE.format(prompt=html.escape(command), text="".join(spans(printed)).rstrip()), end="")


if __name__ == "__main__":
    main(sys.argv[1])
