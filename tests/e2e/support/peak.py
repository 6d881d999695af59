"""peak.py OUT COMMAND…: runs the command, and writes its peak memory in KiB and its CPU seconds to
OUT. A process counts the memory of the one it was forked from: start this with -I -S, so that it is
smaller than any engine."""
import os
import sys


def main(out, command):
    pid = os.fork()
    if pid == 0:
        try:
            os.execv(command[0], command)
        finally:
            os._exit(127)
    _, status, usage = os.wait4(pid, 0)
    with open(out, "w", encoding="utf-8") as file:
        file.write(f"{usage.ru_maxrss} {usage.ru_utime + usage.ru_stime}")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
