"""A person at a terminal: a program that runs on a pseudo terminal, the keys typed, what it shows."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

# ECMA-48: what moves the cursor, erases, or switches modes.
SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[@-~]")


class Typist:
    def __init__(self, command, environment, columns=80):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            try:
                os.execve(command[0], command, environment)
            finally:
                os._exit(127)
        self.resize(columns)
        self.shown = ""

    def resize(self, columns):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def settings(self):
        return termios.tcgetattr(self.terminal)

    def expect(self, text, seconds=20):
        """Waits until this is on the screen, and forgets everything up to it."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
                raise AssertionError(f"{text!r} was not shown, but {self.shown!r}")
            try:
                part = os.read(self.terminal, 65536)
            except OSError:
                part = b""  # the program has ended
            if not part:
                raise AssertionError(f"the program ended without {text!r}: {self.shown!r}")
            self.shown = SEQUENCE.sub("", self.shown + part.decode(errors="replace"))
        self.shown = self.shown.partition(text)[2]

    def press(self, keys):
        os.write(self.terminal, keys.encode())

    def type(self, keys, shows):
        self.press(keys)
        self.expect(shows)

    def signal(self, number):
        os.kill(self.pid, number)

    def end(self, seconds=20):
        """The exit status, or a signal's number as a negative one."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = None
                return os.waitstatus_to_exitcode(status)
            # Unread output would keep the program from ending.
            if select.select([self.terminal], [], [], 0.05)[0]:
                try:
                    os.read(self.terminal, 65536)
                except OSError:
                    pass
        raise AssertionError("the program does not end")

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.terminal)
