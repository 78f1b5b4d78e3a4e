extension HTMLPage {
  /// The style sheet of every page. Text has a contrast of at least 4.5, in light and in dark.
  static let style =
    colors + layout + tables + heatMap + images + print
    + ChartStyleSheet.css(scope: ".chart ")

  private static let colors = """
    :root { color-scheme: light dark; --page: \(ChartStyle.page.light.css);
      --ink: \(ChartStyle.ink.light.css); --weak: #57606a; --link: #0a58ca; --rule: #d0d7de;
      --panel: #f6f8fa; --right: #1a6b33; --wrong: #a40e26 }
    @media screen and (prefers-color-scheme: dark) {
      :root { --page: \(ChartStyle.page.dark.css); --ink: \(ChartStyle.ink.dark.css);
        --weak: #9da7b1; --link: #6cb6ff; --rule: #3d444d; --panel: #161b22; --right: #56d364;
        --wrong: #ff8f85 }
    }

    """

  private static let layout = """
    * { box-sizing: border-box }
    body { margin: 0 auto; padding: 1rem; max-width: 75rem; background: var(--page);
      color: var(--ink); font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif;
      overflow-wrap: break-word }
    h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.5rem 0 }
    h2 { font-size: 1.3rem; margin: 2.5rem 0 0.5rem; border-bottom: 1px solid var(--rule);
      padding-bottom: 0.25rem }
    h3 { font-size: 1.05rem; margin: 1.5rem 0 0.5rem }
    header p, .note, figcaption, caption { color: var(--weak) }
    a { color: var(--link) }
    :focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
    nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding: 0; list-style: none }
    .box { overflow-x: auto; max-width: 100% }
    section > .box { margin: 0.75rem 0 }
    .row { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: flex-start }
    .row > * { min-width: 0; max-width: 100% }
    .figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr));
      gap: 0.75rem; padding: 0; margin: 1rem 0 }
    .figures div { background: var(--panel); border: 1px solid var(--rule); border-radius: 6px;
      padding: 0.5rem 0.75rem }
    .figures dt { color: var(--weak); font-size: 0.85rem }
    .figures dd { margin: 0; font-size: 1.35rem; font-weight: 600 }
    .figures dd small { display: block; font-size: 0.8rem; font-weight: 400; color: var(--weak) }
    figure { margin: 1rem 0 }
    .row > figure { width: 360px; margin: 0.5rem 0 }
    .row > figure.wide { width: 560px }
    figcaption { font-size: 0.9rem; max-width: 50rem }
    pre { background: var(--panel); border: 1px solid var(--rule); border-radius: 6px;
      padding: 0.75rem; overflow-x: auto; font-size: 0.85rem }
    code { overflow-wrap: anywhere }
    details > summary { cursor: pointer }

    """

  private static let tables = """
    table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums }
    caption { text-align: left; padding: 0.25rem 0; font-size: 0.9rem }
    th, td { padding: 0.25rem 0.6rem; text-align: left; border-bottom: 1px solid var(--rule);
      vertical-align: top }
    th { font-weight: 600 }
    tfoot th, tfoot td { border-bottom: 0; font-weight: 600 }
    .n { text-align: right }
    @media (max-width: 30rem) { th, td { padding: 0.25rem 0.35rem } }
    th button { all: inherit; display: inline; padding: 0; border: 0; cursor: pointer;
      text-decoration: underline dotted }
    th button:focus-visible { outline: 2px solid var(--link) }
    th[aria-sort=ascending] button::after { content: " ▲" }
    th[aria-sort=descending] button::after { content: " ▼" }

    """

  /// Cells of a confusion matrix: `r1` to `r5` for right ones, `w1` to `w5` for wrong ones.
  private static let heatMap =
    HeatScale.css + """
      .matrix th, .matrix td { border: 1px solid var(--page); text-align: center;
        padding: 0.2rem 0.3rem; min-width: 2rem }
      .matrix thead th { vertical-align: bottom }
      .matrix tbody th { text-align: right; font-weight: 400; white-space: nowrap }
      .matrix td a { color: inherit; display: block }
      .matrix.dense { font-size: 0.65rem }
      .matrix.dense th, .matrix.dense td { padding: 0.05rem 0.1rem; min-width: 1.2rem }

      """

  private static let images = """
    img, svg { max-width: 100%; height: auto }
    .box > svg, .box > img { display: block }
    .sharp { image-rendering: pixelated }
    .cards { display: grid;
      grid-template-columns: repeat(auto-fill, minmax(min(13.5rem, 46%), 1fr));
      gap: 0.75rem; padding: 0; margin: 1rem 0; list-style: none }
    .cards > li { border: 1px solid var(--rule); border-radius: 6px; padding: 0.6rem;
      font-size: 0.85rem; background: var(--panel) }
    .cards img { display: block; margin-bottom: 0.4rem; background: #808080 }
    .cards .pair { display: flex; gap: 0.4rem }
    .cards small { overflow-wrap: anywhere }
    .cards ol { margin: 0.25rem 0 0; padding-left: 1.3rem }
    .groups { display: flex; flex-wrap: wrap; gap: 0 2rem }
    .groups > * { min-width: 0; max-width: 100% }
    .groups h3 { margin-top: 0.5rem; overflow-wrap: anywhere }
    .thumbs { display: flex; flex-wrap: wrap; gap: 4px; padding: 0; margin: 0.25rem 0 1rem;
      list-style: none }
    .thumbs img { display: block; background: #808080 }
    .right { color: var(--right) }
    .wrong { color: var(--wrong) }

    """

  private static let print = """
    @media print {
      body { max-width: none; padding: 0; font-size: 11pt }
      nav, th button::after { display: none }
      .box { overflow: visible }
      pre { white-space: pre-wrap; overflow-wrap: anywhere }
      h2, h3, caption { break-after: avoid }
      figure, .cards > li, .group, tr, .figures div { break-inside: avoid }
      .matrix td, .figures div, .cards > li { print-color-adjust: exact;
        -webkit-print-color-adjust: exact }
      a { color: inherit; text-decoration: none }
    }

    """
}
