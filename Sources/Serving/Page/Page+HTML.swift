extension Page {
  static let html = #"""
    <!doctype html>
    <html lang="en">
    <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>lecture-cnn</title>
      <link rel="icon" href="data:,">
      <link rel="stylesheet" href="/page.css">
      <script type="module" src="/page.js"></script>
    </head>
    <body>
      <header>
        <h1 id="title">lecture-cnn</h1>
        <p id="subtitle">Connecting …</p>
      </header>
      <p id="error" role="alert" hidden></p>
      <form id="access" hidden>
        <label for="token">This server asks for its token:</label>
        <input id="token" type="password" autocomplete="off" required>
        <button type="submit">Use</button>
      </form>
      <main>
        <section class="card" aria-labelledby="input-title">
          <h2 id="input-title">Image</h2>
          <p id="hint"></p>
          <div id="frame">
            <canvas id="pad" width="280" height="280" role="img" aria-label="The image"></canvas>
            <div id="cursor" hidden></div>
          </div>
          <div class="buttons">
            <button id="clear" type="button">Clear</button>
            <label id="choose" for="file">Choose an image …</label>
            <input id="file" type="file" accept="image/png,image/jpeg">
          </div>
        </section>
        <section class="card" aria-labelledby="classes-title">
          <h2 id="classes-title">Classes</h2>
          <p id="answer" aria-live="polite">No image yet.</p>
          <ol id="bars"></ol>
        </section>
        <section class="card wide" aria-labelledby="layers-title">
          <h2 id="layers-title">Layers</h2>
          <p class="key">
            <span class="swatch negative"></span> negative
            <span class="swatch zero"></span> zero
            <span class="swatch positive"></span> positive, in units of each layer’s largest value
          </p>
          <div id="layers"></div>
        </section>
      </main>
    </body>
    </html>

    """#
}
