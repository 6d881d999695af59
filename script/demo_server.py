"""The demo's emulator of AWS, with what emulator.py adds. Its users are made 120 days ago: with
passwords and keys that nobody uses nothing is wrong before their time."""
import datetime
import sys

import moto.iam.models
from moto import server

import emulator  # noqa: F401

AGE = datetime.timedelta(days=120)
now = moto.iam.models.utcnow
moto.iam.models.utcnow = lambda: now() - AGE
server.main(sys.argv[1:])
