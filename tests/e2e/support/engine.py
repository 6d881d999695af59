"""The engine that is tested, and the variables that a run of it keeps."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
ENGINE = os.environ.get("ENGINE", str(ROOT / "build" / "engine"))
KEPT = {"PATH", "LANG", "ENGINE_MODELS", "ENGINE_POLICIES",
        "ENGINE_LUA_COVERAGE", "LLVM_PROFILE_FILE", "GCOV_PREFIX"}


def environment(home, url, **more):
    """Of a run that asks the server at `url`, and reads no file of the user's own."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    return {**kept, "HOME": str(home), "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": url,
            "AWS_EC2_METADATA_DISABLED": "true", **more}
