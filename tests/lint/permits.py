"""permits.py [ROOT]: for each kind of session that may sign more than reads, one place creates
them: the gate creates those that make changes, the files of the messages those that send, and
`engine run` those of the operator."""
import pathlib
import re
import sys

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", re.S)
NAME = re.compile(r"\bPERMIT_[A-Z_]+\b")
# A number or a cast could hide a permit.
DISGUISE = re.compile(r"\(\s*enum\s+permit\s*\)|\.permit\s*=(?!=)(?!\s*PERMIT_)|->permit\s*=(?!=)")
JUDGES = {"engine/aws/client/client.h", "engine/aws/client/client_permit.c"}
MAKERS = {
    "PERMIT_CHANGE": re.compile(r"engine/change/gate\.c"),
    "PERMIT_MESSAGE": re.compile(r"engine/notify/message\w*\.c"),
    "PERMIT_OPERATOR": re.compile(r"engine/app/cli/cmd_run\.c"),
    "PERMIT_READ": re.compile(r".*"),
}


def complaints(where, text):
    if where in JUDGES:
        return
    for name in sorted(set(NAME.findall(text))):
        if name not in MAKERS or not MAKERS[name].fullmatch(where):
            yield f"{where}: must not use {name}"
    if DISGUISE.search(text):
        yield f"{where}: name a permit directly, where the session is created"


def main(root):
    problems, said = [], set()
    for folder in ("engine", "bindings"):
        for path in sorted((root / folder).rglob("*.[ch]")):
            where = str(path.relative_to(root))
            text = COMMENT.sub(" ", path.read_text())
            problems += complaints(where, text)
            if where not in JUDGES:
                said.update(NAME.findall(text))
    problems += [f"nothing uses {name}: has it been renamed?"
                 for name in sorted(MAKERS.keys() - said)]
    print("\n".join(problems))
    print(f"permits: {len(said)} kinds, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
