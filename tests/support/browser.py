"""Headless Chromium, told what to do over a pipe: no port, no driver, no network.

The protocol: https://chromedevtools.github.io/devtools-protocol/. Messages are JSON, each ended by a zero
byte; Chromium reads its file descriptor 3 and writes 4.
"""

import base64
import fcntl
import itertools
import json
import os
import selectors
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from tests.support.tools import needs

WAIT_S = 120
"""For an answer; the machine may be slow."""
ARGUMENTS = (
    *("--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"),
    *("--hide-scrollbars", "--disable-dev-shm-usage", "--disable-extensions", "--mute-audio"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--no-sandbox",  # it opens pages of ours alone, and containers lack what the sandbox needs
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9"),  # no network
)
ABOVE = 10
"""File descriptors from here on are neither of those that Chromium uses."""


class Browser:
    """A browser with one page, and what the page asked for and complained of."""

    def __init__(self, profile: Path) -> None:
        chromium = needs("chromium")
        read, theirs_out = (_high(end) for end in os.pipe())
        theirs_in, write = (_high(end) for end in os.pipe())
        self._read, self._write = read, write
        self._numbers, self._buffer = itertools.count(1), bytearray()
        self._events: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [
                *("bash", "-c", f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}', chromium),
                *(*ARGUMENTS, f"--user-data-dir={profile}"),
            ],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime", "Accessibility"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session = None
        try:
            self.call("Browser.close")
            self._process.wait(WAIT_S)
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._read)
            os.close(self._write)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return what a command of the protocol answers."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message(method)
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self._events.append(answer)

    def open(self, path: Path, *, width: int, dark: bool, height: int = 900) -> None:
        """Show a file in a window of so many CSS pixels; wait until it is loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            **{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self._events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not self.events("Page.loadEventFired"):
            self._events.append(self._message("Page.loadEventFired"))

    def events(self, method: str) -> list[dict[str, Any]]:
        """Return the parameters of the events of a kind since the page was opened."""
        return [event["params"] for event in self._events if event.get("method") == method]

    def run(self, expression: str) -> Any:
        """Return the value of a JavaScript expression; the page itself runs none."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def requests(self) -> list[str]:
        """Return the addresses that the page asked for."""
        return [event["request"]["url"] for event in self.events("Network.requestWillBeSent")]

    def complaints(self) -> list[dict[str, Any]]:
        """Return what the page wrote on the console, and what the browser had to say about it."""
        kinds = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
        return [event for kind in kinds for event in self.events(kind)]

    def screenshot(self, path: Path) -> None:
        """Write the whole page as a PNG file."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _message(self, awaited: str) -> dict[str, Any]:
        deadline = time.monotonic() + WAIT_S
        with selectors.DefaultSelector() as ready:
            ready.register(self._read, selectors.EVENT_READ)
            while b"\0" not in self._buffer:
                left = deadline - time.monotonic()
                assert left > 0 and ready.select(left), f"no answer to {awaited} in {WAIT_S} s"
                got = os.read(self._read, 1 << 20)
                assert got, f"chromium ended before it answered {awaited}"
                self._buffer += got
        text, _, rest = bytes(self._buffer).partition(b"\0")
        self._buffer = bytearray(rest)
        return json.loads(text)


def _high(descriptor: int) -> int:
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, ABOVE)
    os.close(descriptor)
    return moved
