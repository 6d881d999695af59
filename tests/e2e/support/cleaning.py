"""What tests of one emulator leave behind, taken away."""
import pathlib

from support.cloud import ROOT


class Cleaning:
    """For a KindCase."""

    def setUp(self):
        super().setUp()
        pathlib.Path(self.cloud.path("journal")).unlink(missing_ok=True)

    def clean(self):
        """Lets misconfiguration_maker remove what it made of the type."""
        run = self.cloud.engine("run", str(ROOT / "misconfiguration_maker" / "make.lua"), "clean",
                                "--account", self.account, "--region", self.region, self.type)
        self.assertEqual((run.status, run.out, run.err), (0, "", ""), run)
