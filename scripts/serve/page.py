"""Draws digits on the page of `serve` in a headless Chromium, and compares the classes.

usage: page.py ADDRESS SCREENSHOTS

Chromium is controlled through its DevTools protocol. A screenshot is taken 1280 and 400 pixels wide,
light and dark.
"""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

import websocket

# Strokes in a square of 280 pixels.
DIGITS = {
    "1": [[(140, 50), (140, 230)]],
    "7": [[(80, 60), (200, 60), (130, 230)]],
    "0": [
        [
            (140, 50), (100, 70), (82, 110), (80, 150), (90, 200), (115, 228), (140, 235),
            (168, 226), (192, 198), (200, 150), (198, 110), (180, 68), (140, 50),
        ]
    ],
    "3": [
        [
            (90, 70), (120, 52), (160, 52), (188, 72), (190, 104), (168, 130), (130, 138),
            (170, 144), (196, 170), (194, 206), (166, 230), (120, 232), (86, 214),
        ]
    ],
}


class Browser:
    def __init__(self, profile: str) -> None:
        self.process = subprocess.Popen(
            [
                "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--hide-scrollbars", "--remote-debugging-port=0", "--remote-allow-origins=*",
                f"--user-data-dir={profile}", "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port = pathlib.Path(profile, "DevToolsActivePort")
        self.wait(lambda: port.exists() and port.read_text().count("\n") > 0)
        number = port.read_text().splitlines()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{number}/json") as pages:
            page = next(page for page in json.load(pages) if page["type"] == "page")
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=30)
        self.number = 0
        self.problems: list[str] = []
        for domain in ["Page", "Runtime", "Log"]:
            self.call(f"{domain}.enable")

    @staticmethod
    def wait(condition, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                sys.exit("error: the browser is not ready in time")
            time.sleep(0.05)

    def call(self, method: str, **parameters):
        self.number += 1
        self.socket.send(
            json.dumps({"id": self.number, "method": method, "params": parameters})
        )
        while True:
            message = json.loads(self.socket.recv())
            if message.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.problems.append(json.dumps(message["params"])[:300])
            if message.get("id") == self.number:
                if "error" in message:
                    sys.exit(f"error: {method}: {message['error']}")
                return message["result"]

    def value(self, expression: str):
        result = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        return result["result"].get("value")

    def open(self, address: str, width: int, scheme: str) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.call("Emulation.setTouchEmulationEnabled", enabled=width < 600)
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        self.call("Page.navigate", url=address)
        self.wait(lambda: self.value("document.querySelector('#pad.drawable') !== null"))

    def draw(self, strokes, touches: bool) -> None:
        """Draws with the mouse or with a finger."""
        box = self.value(
            "(() => { const b = document.getElementById('pad').getBoundingClientRect();"
            "return [b.left, b.top, b.width]; })()"
        )

        def move(kind: str, point) -> None:
            x, y = (box[axis] + point[axis] / 280 * box[2] for axis in (0, 1))
            if touches:
                name = {"mousePressed": "touchStart", "mouseMoved": "touchMove"}.get(kind, "touchEnd")
                points = [] if name == "touchEnd" else [{"x": x, "y": y}]
                self.call("Input.dispatchTouchEvent", type=name, touchPoints=points)
            else:
                buttons = 0 if kind == "mouseReleased" else 1
                self.call(
                    "Input.dispatchMouseEvent", type=kind, button="left", buttons=buttons,
                    clickCount=1, x=x, y=y,
                )

        for stroke in strokes:
            move("mousePressed", stroke[0])
            for start, end in zip(stroke, stroke[1:]):
                for part in range(1, 5):
                    move("mouseMoved", [a + (b - a) * part / 4 for a, b in zip(start, end)])
            move("mouseReleased", stroke[-1])

    def choose(self, path: pathlib.Path) -> None:
        """Chooses a file as a person does."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
        self.call("DOM.setFileInputFiles", files=[str(path)], nodeId=node)

    def result(self) -> str:
        """The class that the page shows, once no request runs."""
        time.sleep(0.1)
        self.wait(lambda: self.value("document.body.ariaBusy") == "false")
        return self.value("document.querySelector('#answer strong')?.textContent ?? ''")

    def key(self, name: str, text: str = "") -> None:
        kind = "keyDown" if text else "rawKeyDown"
        self.call("Input.dispatchKeyEvent", type=kind, key=name, text=text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name)

    def screenshot(self, path: pathlib.Path) -> None:
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        picture = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(picture["data"]))


def main() -> None:
    address, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    failures = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            for width in (1280, 400):
                for scheme in ("light", "dark"):
                    for digit, strokes in DIGITS.items():
                        browser.open(address, width, scheme)
                        browser.draw(strokes, touches=width < 600)
                        found = browser.result()
                        failures += found != digit
                        print(f"{width} px, {scheme}: drew {digit}, the page says {found}")
                    browser.screenshot(folder / f"page-{width}-{scheme}.png")
                    overflow = browser.value(
                        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                    )
                    if overflow > 0:
                        failures += 1
                        print(f"{width} px: the page is {overflow} px too wide")
            # A one, drawn with the keyboard.
            browser.open(address, 1280, "light")
            browser.value("document.getElementById('pad').focus()")
            browser.key(" ", " ")
            for _ in range(16):
                browser.key("ArrowDown")
            found = browser.result()
            failures += found != "1"
            print(f"with the keyboard: drew 1, the page says {found}")
            # A file that is no image.
            text = pathlib.Path(profile, "text.png")
            text.write_text("no image")
            browser.choose(text)
            browser.result()
            error = browser.value("document.getElementById('error').textContent")
            failures += "not an image" not in error
            print(f"with a text file: the page says “{error}”")
            # The browser itself logs the status 415 of that answer.
            problems = [problem for problem in browser.problems if "415" not in problem]
            for problem in problems:
                failures += 1
                print(f"the browser reports {problem}")
        finally:
            browser.process.terminate()
            browser.process.wait()
    print(f"screenshots: {folder}")
    if failures:
        sys.exit(f"error: {failures} failures")


main()
