"""An emulator whose IAM lives in another time than the engine: credentials get any age."""
import sys

from support.cloud import Moto

# moto, with the clock of its IAM set back by the seconds that stand in a file.
SERVER = """
import datetime, sys
import moto.iam.models, moto.server
now = moto.iam.models.utcnow
def then():
    with open(sys.argv[-1], encoding="ascii") as file:
        return now() - datetime.timedelta(seconds=float(file.read() or 0))
moto.iam.models.utcnow = then
moto.server.main(sys.argv[1:-1])
"""


class PastMoto(Moto):
    def command(self):
        self.go_back()
        return [sys.executable, "-c", SERVER, "-H", "127.0.0.1", "-p", str(self.port),
                self._path("back")]

    def go_back(self, days=0, seconds=0):
        """What is made from now on is so old."""
        with open(self._path("back"), "w", encoding="ascii") as file:
            file.write(str(days * 86400 + seconds))

    def reset(self):
        self.go_back()
        super().reset()
