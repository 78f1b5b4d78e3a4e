extension Page {
  /// The second half of the script: the answer on the page, and the start.
  static let answerScript = #"""

    // The answer

    const dark = matchMedia("(prefers-color-scheme: dark)");
    let shown = null;

    function showNothing() {
      shown = null;
      element("answer").textContent = model ? "No image yet." : "";
      showBars([]);
      element("layers").replaceChildren();
    }

    function showAnswer(answer) {
      shown = answer;
      const prediction = answer.images[0];
      const line = element("answer");
      const name = document.createElement("strong");
      name.textContent = prediction.class;
      let text = ` with ${percent(prediction.probability)}`;
      if (prediction.unsure) text += " – unsure: perhaps unlike the training data";
      if (prediction.prepared) text += ". Inverted, cropped and centered as the training’s digits";
      line.replaceChildren(name, text + ".");
      showBars(prediction.top);
      showLayers(answer);
    }

    const percent = (value) => `${(100 * value).toFixed(1)} %`;

    /** Few classes keep their places; of many, the most probable are shown. */
    function showBars(top) {
      const list = element("bars");
      const best = top[0]?.class;
      const few = model && model.classes.length <= 12;
      const values = new Map(top.map((item) => [item.class, item.probability]));
      const names = few ? model.classes : top.map((item) => item.class);
      while (list.children.length > names.length) list.lastChild.remove();
      while (list.children.length < names.length) {
        const row = document.createElement("li");
        for (const part of ["name", "track", "value"]) {
          const cell = document.createElement("div");
          cell.className = part;
          row.append(cell);
        }
        const fill = document.createElement("div");
        fill.className = "fill";
        row.children[1].append(fill);
        list.append(row);
      }
      names.forEach((name, index) => {
        const row = list.children[index];
        const value = values.get(name);
        row.classList.toggle("best", name === best);
        row.children[0].textContent = name;
        row.children[1].firstChild.style.width = `${100 * (value ?? 0)}%`;
        row.children[2].textContent = value === undefined ? "" : percent(value);
      });
    }

    // Layers

    const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

    /** The color of each byte of an activation: 128 is zero. */
    function palette() {
      const style = getComputedStyle(document.documentElement);
      const color = (name) => {
        const text = style.getPropertyValue(name).trim();
        return [1, 3, 5].map((start) => parseInt(text.slice(start, start + 2), 16));
      };
      const [negative, zero, positive] = ["--negative", "--zero", "--positive"].map(color);
      return Array.from({ length: 256 }, (_, byte) => {
        const share = Math.min(1, Math.abs(byte - 128) / 127);
        const end = byte < 128 ? negative : positive;
        return zero.map((from, part) => from + (end[part] - from) * share);
      });
    }

    /** A layer's heading and canvases, made once and used for every later image. */
    function layerPart(index, title, detail, count, width, height, size) {
      const root = element("layers");
      let part = root.children[index];
      if (!part) {
        part = document.createElement("div");
        part.append(document.createElement("h3"), document.createElement("div"));
        part.lastChild.className = "maps";
        root.append(part);
      }
      const note = document.createElement("span");
      note.textContent = ` ${detail}`;
      part.firstChild.replaceChildren(title, note);
      const maps = part.lastChild;
      while (maps.children.length > count) maps.lastChild.remove();
      while (maps.children.length < count) maps.append(document.createElement("canvas"));
      [...maps.children].forEach((canvas, channel) => {
        if (canvas.width !== width) canvas.width = width;
        if (canvas.height !== height) canvas.height = height;
        canvas.style.width = `${size}px`;
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", count > 1 ? `${title}, channel ${channel}` : title);
      });
      return [...maps.children].map((canvas) => canvas.getContext("2d"));
    }

    function fill(context, width, height, color) {
      const image = context.createImageData(width, height);
      for (let place = 0; place < width * height; place += 1) {
        const [red, green, blue] = color(place);
        image.data.set([red, green, blue, 255], 4 * place);
      }
      context.putImageData(image, 0, 0);
    }

    function showLayers(answer) {
      const { height, width, channels } = answer.input;
      const pixels = bytes(answer.input.bytes);
      const [context] = layerPart(
        0, "input", `${height} × ${width} × ${channels}, as the network sees it`, 1, width, height,
        Math.max(84, 3 * Math.min(width, 32)));
      fill(context, width, height, (place) =>
        [0, 1, 2].map((part) => pixels[place * channels + (channels === 3 ? part : 0)]));
      const colors = palette();
      answer.layers.forEach((layer, index) => showLayer(layer, index + 1, colors));
      const root = element("layers");
      while (root.children.length > answer.layers.length + 1) root.lastChild.remove();
    }

    function showLayer(layer, index, colors) {
      const values = bytes(layer.bytes);
      const scale = `largest ${layer.scale.toPrecision(3)}`;
      if (layer.height === 1 && layer.channels === 1) {
        // Features in rows of up to 64.
        const columns = Math.min(layer.width, 64);
        const rows = Math.ceil(layer.width / columns);
        const [context] = layerPart(
          index, layer.name, `${layer.width} features, ${scale}`, 1, columns, rows,
          Math.min(640, columns * 16));
        fill(context, columns, rows, (place) => colors[values[place] ?? 128]);
        return;
      }
      const hidden = layer.channels - layer.shown;
      const detail =
        `${layer.height} × ${layer.width} × ${layer.channels}, ${scale}` +
        (hidden > 0 ? `, the first ${layer.shown} channels` : "");
      const contexts = layerPart(
        index, layer.name, detail, layer.shown, layer.width, layer.height,
        Math.max(28, Math.min(64, 2 * layer.width)));
      const count = layer.height * layer.width;
      contexts.forEach((context, channel) =>
        fill(context, layer.width, layer.height, (place) =>
          colors[values[channel * count + place]]));
    }

    dark.addEventListener("change", () => { if (shown) showLayers(shown); });

    // The start

    async function start() {
      try {
        model = await request("/model");
      } catch (error) {
        showError(error);
        return;
      }
      showError(null);
      element("access").hidden = true;
      const { height, width, channels } = model.input;
      element("title").textContent = `${model.name}, ${model.dataset}`;
      element("subtitle").textContent =
        `${model.classes.length} classes, ${height} × ${width} × ${channels} input, ${model.model}`;
      document.title = `${model.name} – lecture-cnn`;
      element("hint").textContent = model.drawing
        ? "Draw a character, or drop, paste or choose a PNG or JPEG image."
        : "Drop, paste or choose a PNG or JPEG image.";
      if (model.drawing === "ink") colors = { paper: "#ffffff", ink: "#000000" };
      if (model.drawing && !pad.classList.contains("drawable")) enableDrawing();
      clear();
    }

    element("access").addEventListener("submit", (event) => {
      event.preventDefault();
      token = element("token").value;
      sessionStorage.setItem("token", token);
      start();
    });

    start();

    """#
}
