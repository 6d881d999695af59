"""The engine under test, and the environment variables that it needs."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
ENGINE = os.environ.get("ENGINE", str(ROOT / "build" / "engine"))
KEPT = {"PATH", "LANG", "ENGINE_MODELS", "ENGINE_POLICIES"}


def environment(home, url, **more):
    """The environment of a run that calls the server at `url`, and reads none of the user's
    files."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    return {**kept, "HOME": str(home), "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": url,
            "AWS_EC2_METADATA_DISABLED": "true", **more}
