"""An emulator whose IAM has another time than the engine, so that credentials can have any age."""
import pathlib
import sys

from support.cloud import Moto

# The tests' server, with the clock of its IAM set back by the number of seconds in a file.
SERVER = """
import datetime, pathlib, runpy, sys
server, back = sys.argv[1], sys.argv.pop()
sys.path.append(str(pathlib.Path(server).parents[3] / "script"))
import emulator  # before moto, whose sessions it changes
import moto.iam.models
now = moto.iam.models.utcnow
def then():
    with open(back, encoding="ascii") as file:
        return now() - datetime.timedelta(seconds=float(file.read() or 0))
moto.iam.models.utcnow = then
del sys.argv[1]
runpy.run_path(server, run_name="__main__")
"""


class PastMoto(Moto):
    def command(self):
        self.go_back()
        server = pathlib.Path(__file__).with_name("moto_server.py")
        return [sys.executable, "-c", SERVER, str(server), "-H", "127.0.0.1", "-p", str(self.port),
                self._path("back")]

    def go_back(self, days=0, seconds=0):
        """Sets the age of everything that is created from now on."""
        with open(self._path("back"), "w", encoding="ascii") as file:
            file.write(str(days * 86400 + seconds))

    def reset(self):
        self.go_back()
        super().reset()
