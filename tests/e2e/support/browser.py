"""Headless Chromium, driven over a pipe by the Chrome DevTools Protocol: no driver and no port."""
import base64
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

CHROMIUM = shutil.which("chromium")
# As root, Chromium needs --no-sandbox; the pages are our own.
ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-extensions", "--disable-dev-shm-usage", "--remote-debugging-pipe")
SHOWN = """new Promise((resolve) => {
  const look = () => document.getElementById("application")?.hidden === false
    ? requestAnimationFrame(() => requestAnimationFrame(() => resolve(true)))
    : setTimeout(look, 5);
  look();
})"""


def high_pipe():
    """A pipe whose descriptors are not among 3 and 4, which Chromium reads and writes."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return high


class Browser:
    """`with Browser() as browser`: one page, which further calls of open() replace. What the console
    says goes to .said, and what the page asks the network for to .asked."""

    def __enter__(self):
        if CHROMIUM is None:
            raise RuntimeError("chromium is missing: script/bootstrap installs it")
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        read, ours_out = high_pipe()
        ours_in, write = high_pipe()
        # bash, because Popen has no way to give a descriptor another number.
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{read} 4>&{write}', "bash", CHROMIUM,
             *ARGUMENTS, f"--user-data-dir={self._profile.name}", "about:blank"],
            pass_fds=(read, write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, "HOME": self._profile.name})
        os.close(read)
        os.close(write)
        self._out, self._in = os.fdopen(ours_out, "wb", 0), os.fdopen(ours_in, "rb", 0)
        self._id, self._session, self._rest = 0, None, b""
        self.said, self.asked = [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target,
                                  flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")
        self.call("Performance.enable", timeDomain="threadTicks")
        return self

    def __exit__(self, *_):
        self._out.close()
        self._in.close()
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._profile.cleanup()

    def _message(self):
        while b"\0" not in self._rest:
            got = self._in.read(1 << 20)
            if not got:
                raise RuntimeError(f"chromium ended with {self._process.wait(20)}")
            self._rest += got
        text, self._rest = self._rest.split(b"\0", 1)
        return json.loads(text)

    def _note(self, message):
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.said.append(params["exceptionDetails"].get("exception", {}).get("description"))
        elif method == "Runtime.consoleAPICalled":
            self.said.append(str([one.get("value") for one in params["args"]]))
        elif method == "Log.entryAdded":
            self.said.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])

    def call(self, method, **params):
        self._id += 1
        message = {"id": self._id, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        self._out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self._id:
                break
            self._note(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def look(self, width=1280, height=900, dark=False, media=""):
        """How wide the window is, which colours are preferred, and the medium (print)."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def open(self, path):
        """Seconds until the report at `path` is shown."""
        self.asked.clear()
        start = time.monotonic()
        self.call("Page.navigate", url=pathlib.Path(path).as_uri())
        self.run(SHOWN)
        return time.monotonic() - start

    def run(self, script):
        """The value of an expression; of a promise, what it resolves to."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def cpu(self):
        """Seconds of CPU of the page's main thread, which runs its scripts and its layout."""
        metrics = self.call("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    def press(self, key, code=0, text=""):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code, **({"text": text} if kind == "keyDown" else {}))

    def picture(self, path):
        picture = self.call("Page.captureScreenshot", format="png")["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(picture))

    def paper(self, path):
        document = self.call("Page.printToPDF")["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(document))
