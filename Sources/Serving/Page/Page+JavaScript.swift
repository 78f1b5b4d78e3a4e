extension Page {
  /// The page's script. It draws, sends the image to `/activations`, and shows the answer. One
  /// request runs at a time; the newest image follows.
  static let javaScript = drawingScript + answerScript

  private static let drawingScript = #"""
    "use strict";

    const element = (id) => document.getElementById(id);
    const pad = element("pad");
    const paint = pad.getContext("2d", { willReadFrequently: true });
    let model = null;
    let colors = { paper: "#000000", ink: "#ffffff" };

    // Requests

    let token = sessionStorage.getItem("token");

    async function request(path, options = {}) {
      const headers = new Headers(options.headers);
      if (token) headers.set("Authorization", `Bearer ${token}`);
      let response;
      try {
        response = await fetch(path, { ...options, headers });
      } catch {
        throw new Error("The server does not answer. Is it still running?");
      }
      if (response.status === 401) element("access").hidden = false;
      const answer = await response.json().catch(() => null);
      if (!response.ok) throw new Error(answer?.error ?? `The server answers ${response.status}.`);
      return answer;
    }

    function showError(error) {
      element("error").textContent = error ? error.message : "";
      element("error").hidden = !error;
    }

    let newest = null;
    let isBusy = false;

    /** Sends what `source` gives, when the answer to the image before has come. */
    async function send(source) {
      newest = source;
      if (isBusy) return;
      isBusy = true;
      document.body.ariaBusy = "true";
      while (newest) {
        const next = newest;
        newest = null;
        try {
          const body = await next();
          const top = Math.max(10, model.classes.length <= 12 ? 12 : 10);
          const answer = await request(`/activations?top=${top}`, { method: "POST", body });
          if (!newest || newest === next) showAnswer(answer);
          showError(null);
        } catch (error) {
          showError(error);
        }
      }
      isBusy = false;
      document.body.ariaBusy = "false";
    }

    // Drawing

    const padImage = () => new Promise((resolve) => pad.toBlob(resolve, "image/png"));
    const penWidth = 22;
    /** "nothing", "strokes" or "photograph". */
    let content = "nothing";
    let last = null;

    function clear() {
      paint.fillStyle = colors.paper;
      paint.fillRect(0, 0, pad.width, pad.height);
      content = "nothing";
      newest = null;
      showNothing();
      showError(null);
    }

    /** Clears a photograph before the first stroke on it. */
    function beginStroke() {
      if (content === "photograph") clear();
      content = "strokes";
    }

    function line(from, to) {
      paint.strokeStyle = colors.ink;
      paint.lineWidth = penWidth;
      paint.lineCap = "round";
      paint.lineJoin = "round";
      paint.beginPath();
      paint.moveTo(from.x, from.y);
      paint.lineTo(to.x, to.y);
      paint.stroke();
    }

    function place(event) {
      const box = pad.getBoundingClientRect();
      return {
        x: ((event.clientX - box.left) / box.width) * pad.width,
        y: ((event.clientY - box.top) / box.height) * pad.height,
      };
    }

    function enableDrawing() {
      pad.classList.add("drawable");
      pad.tabIndex = 0;
      pad.setAttribute("role", "application");
      pad.setAttribute(
        "aria-label",
        "Drawing area. Arrow keys move the pen, space lowers and lifts it, Delete clears.");
      pad.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        pad.setPointerCapture(event.pointerId);
        beginStroke();
        last = place(event);
        line(last, last);
        send(padImage);
      });
      pad.addEventListener("pointermove", (event) => {
        if (!last || !pad.hasPointerCapture(event.pointerId)) return;
        const points = event.getCoalescedEvents?.() ?? [];
        for (const point of points.length ? points : [event]) {
          const next = place(point);
          line(last, next);
          last = next;
        }
        send(padImage);
      });
      for (const name of ["pointerup", "pointercancel"]) {
        pad.addEventListener(name, () => { last = null; });
      }
      enableKeyboard();
    }

    function enableKeyboard() {
      const cursor = element("cursor");
      const pen = { x: 140, y: 60, isDown: false };
      const step = 10;
      const moves = {
        ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step],
      };
      const show = () => {
        const box = pad.getBoundingClientRect();
        cursor.style.left = `${(pen.x / pad.width) * box.width}px`;
        cursor.style.top = `${(pen.y / pad.height) * box.height}px`;
        cursor.classList.toggle("down", pen.isDown);
      };
      pad.addEventListener("keydown", (event) => {
        const move = moves[event.key];
        if (move) {
          const from = { x: pen.x, y: pen.y };
          pen.x = Math.min(pad.width, Math.max(0, pen.x + move[0]));
          pen.y = Math.min(pad.height, Math.max(0, pen.y + move[1]));
          if (pen.isDown) line(from, pen);
        } else if (event.key === " ") {
          pen.isDown = !pen.isDown;
          if (pen.isDown) {
            beginStroke();
            line(pen, pen);
          }
        } else if (event.key === "Delete" || event.key === "Backspace") {
          pen.isDown = false;
          clear();
        } else {
          return;
        }
        event.preventDefault();
        cursor.hidden = false;
        show();
        if (pen.isDown) send(padImage);
      });
      pad.addEventListener("blur", () => { cursor.hidden = true; pen.isDown = false; });
    }

    // Files

    async function take(file) {
      if (!file || !model) return;
      content = "photograph";
      try {
        const picture = await createImageBitmap(file);
        const scale = Math.min(pad.width / picture.width, pad.height / picture.height);
        const [width, height] = [picture.width * scale, picture.height * scale];
        paint.fillStyle = "#000000";
        paint.fillRect(0, 0, pad.width, pad.height);
        paint.drawImage(
          picture, (pad.width - width) / 2, (pad.height - height) / 2, width, height);
      } catch {
        // The server says what is wrong with the file.
      }
      send(() => file.arrayBuffer().catch(() => {
        throw new Error(`${file.name}: the file cannot be read. Choose it again.`);
      }));
    }

    element("clear").addEventListener("click", clear);
    element("file").addEventListener("change", (event) => {
      take(event.target.files[0]);
      event.target.value = "";
    });
    document.addEventListener("paste", (event) => take(event.clipboardData?.files[0]));
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      document.body.classList.add("dropping");
    });
    document.addEventListener("dragleave", () => document.body.classList.remove("dropping"));
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      document.body.classList.remove("dropping");
      take(event.dataTransfer.files[0]);
    });

    """#
}
