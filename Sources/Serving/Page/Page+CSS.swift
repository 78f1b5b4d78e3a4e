extension Page {
  static let css = #"""
    :root {
      color-scheme: light dark;
      --back: #f4f4f2; --card: #ffffff; --text: #1b1b1a; --faint: #5f5f5a; --line: #d5d5d0;
      --accent: #b4460a; --bar: #f0c9a8; --error: #a3141b;
      --negative: #1d4ed8; --zero: #ffffff; --positive: #c2410c;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --back: #161615; --card: #20201f; --text: #ececea; --faint: #a3a39d; --line: #3c3c39;
        --accent: #f2a36b; --bar: #6b4023; --error: #ff9a9a;
        --negative: #93c5fd; --zero: #111114; --positive: #fdba74;
      }
    }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    body {
      margin: 0 auto; padding: 16px; max-width: 1200px;
      background: var(--back); color: var(--text);
      font: 16px/1.45 system-ui, sans-serif;
    }
    h1 { margin: 0; font-size: 1.5rem; }
    h2 { margin: 0 0 8px; font-size: 1.1rem; }
    h3 { margin: 16px 0 6px; font-size: 0.95rem; font-weight: 600; }
    h3 span { color: var(--faint); font-weight: 400; }
    header p { margin: 2px 0 16px; color: var(--faint); overflow-wrap: anywhere; }
    main { display: grid; grid-template-columns: 1fr; gap: 16px; }
    @media (min-width: 760px) {
      main { grid-template-columns: 330px 1fr; }
      .wide { grid-column: 1 / -1; }
    }
    .card {
      min-width: 0; padding: 16px; border: 1px solid var(--line); border-radius: 10px;
      background: var(--card);
    }
    #error {
      margin: 0 0 16px; padding: 10px 14px; border: 1px solid var(--error); border-radius: 8px;
      color: var(--error); background: var(--card); overflow-wrap: anywhere;
    }
    #access { margin: 0 0 16px; display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
    #hint { margin: 0 0 10px; color: var(--faint); font-size: 0.9rem; }
    #frame { position: relative; width: 280px; max-width: 100%; }
    #pad {
      display: block; width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px;
    }
    #pad.drawable { cursor: crosshair; touch-action: none; }
    #cursor {
      position: absolute; width: 14px; height: 14px; margin: -7px 0 0 -7px; border-radius: 50%;
      border: 2px solid #d9480f; pointer-events: none;
    }
    #cursor.down { background: #d9480f; }
    :focus-visible, #file:focus-visible + *, #choose:has(+ #file:focus-visible) {
      outline: 3px solid var(--accent); outline-offset: 2px;
    }
    .buttons { margin-top: 12px; display: flex; flex-wrap: wrap; gap: 8px; }
    button, #choose {
      padding: 8px 14px; border: 1px solid var(--line); border-radius: 6px;
      background: var(--back); color: var(--text); font: inherit; cursor: pointer;
    }
    input[type="password"] {
      padding: 8px; border: 1px solid var(--line); border-radius: 6px; font: inherit;
      background: var(--card); color: var(--text);
    }
    #file { position: absolute; width: 1px; height: 1px; opacity: 0; }
    body.dropping .card { border-color: var(--accent); }
    #answer { margin: 0 0 10px; min-height: 1.45em; }
    #answer strong { color: var(--accent); font-size: 1.3rem; }
    #bars {
      display: grid; grid-template-columns: fit-content(40%) 1fr 8ch; gap: 4px 8px;
      align-items: center; margin: 0; padding: 0; list-style: none;
    }
    #bars li { display: contents; }
    #bars .name { text-align: right; overflow-wrap: anywhere; }
    #bars .track { height: 18px; border-radius: 4px; background: var(--back); overflow: hidden; }
    #bars .fill { height: 100%; width: 0; background: var(--bar); }
    #bars .best .fill { background: var(--accent); }
    #bars .best .name { font-weight: 600; }
    #bars .value { text-align: right; font-variant-numeric: tabular-nums; }
    .key { margin: 0; color: var(--faint); font-size: 0.9rem; }
    .swatch {
      display: inline-block; width: 0.9em; height: 0.9em; border: 1px solid var(--line);
      vertical-align: -0.1em;
    }
    .swatch.negative { background: var(--negative); }
    .swatch.zero { background: var(--zero); }
    .swatch.positive { background: var(--positive); }
    .maps { display: flex; flex-wrap: wrap; gap: 4px; }
    .maps canvas {
      image-rendering: pixelated; border: 1px solid var(--line); max-width: 100%;
      background: var(--zero);
    }

    """#
}
