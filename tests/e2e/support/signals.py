"""Whether a process is ready for a signal that a test sends it."""
import pathlib
import time

WAIT = 120


def until(is_so):
    end = time.monotonic() + WAIT
    while not is_so():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def until_handled(process, number):
    """Waits until the process handles the signal, which before that would end it."""
    def handles():
        assert process.poll() is None, "it ended too early"
        text = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        masks = [int(line.split()[1], 16) for line in text.splitlines()
                 if line.startswith(("SigBlk:", "SigCgt:"))]
        return any(mask >> (number - 1) & 1 for mask in masks)
    until(handles)


def until_computed(process, ticks):
    """Waits until the process has computed for some more ticks of the system's clock."""
    def computed():
        assert process.poll() is None, "it ended too early"
        text = pathlib.Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8")
        return int(text.rpartition(")")[2].split()[11])
    began = computed()
    until(lambda: computed() - began > ticks)
