"""links.py [ROOT]: each relative link in a Markdown file leads to a file, and to a heading of it if
it names one; a picture has less than 200 KB."""
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"\]\(([^)\s]+)\)|\bsrc=\"([^\"]+)\"")
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.M | re.S)
MAX_PICTURE = 200 * 1024


def pages(root):
    """The Markdown files that git knows or would add; without git, all."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=root,
                            capture_output=True, text=True, check=False)
    names = listed.stdout.split("\n") if listed.returncode == 0 else []
    found = [root / name for name in names if (root / name).is_file()]
    return sorted(found or root.rglob("*.md"))


def anchors(text):
    """The anchors of the headings, as GitHub and GitLab make them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def complaints(page, link):
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists():
        yield f"{link} leads nowhere"
    elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text("utf-8")):
        yield f"{link}: there is no such heading"
    elif target.suffix == ".png" and target.stat().st_size >= MAX_PICTURE:
        yield f"{link} has {target.stat().st_size} bytes, not under {MAX_PICTURE}"


def main(root):
    count, problems = 0, []
    for page in pages(root):
        text = CODE.sub("", page.read_text("utf-8"))
        for link in (one or other for one, other in LINK.findall(text)):
            if re.match(r"\w+:", link):
                continue
            count += 1
            problems += [f"{page.relative_to(root)}: {what}" for what in complaints(page, link)]
    print("\n".join([*problems, f"links: {count} relative links, {len(problems)} problems"]))
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
