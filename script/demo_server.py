"""The demo's emulator of AWS, with the additions of emulator.py. Its users are 120 days old:
the checks for unused passwords and keys fail only after some time."""
import datetime
import sys

import moto.iam.models
from moto import server

import emulator  # noqa: F401

AGE = datetime.timedelta(days=120)
now = moto.iam.models.utcnow
moto.iam.models.utcnow = lambda: now() - AGE
server.main(sys.argv[1:])
