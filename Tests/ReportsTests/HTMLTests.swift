import Foundation
import Testing

@testable import Reports

/// Pages escape what they show, and need nothing else.
@Suite struct HTMLTests {
  private let hostile = "<script>alert('1')</script> & \"x\"\u{0}\n"

  @Test func interpolatedTextIsEscaped() {
    let html: HTML = "<p>\(hostile)</p>"
    #expect(
      html.text == "<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot;  </p>")
    let nested: HTML = "<div>\(html)\([html, html])\(3)\(nil as HTML?)</div>"
    #expect(nested.text == "<div>\(html.text)\(html.text)\(html.text)3</div>")
  }

  @Test func tablesHaveHeadingsAndKeys() {
    var table = HTMLTable(
      caption: "Scores", [.init("class"), .init("F1", isNumber: true)], isSortable: true)
    table.add(["\(hostile)", .init("98.00%", key: 0.98)])
    table.setFooter(["mean", "1"])
    let text = table.element.text
    #expect(text.contains("<table class=\"sortable\">\n<caption>Scores</caption>"))
    #expect(text.contains("<th scope=\"col\" class=\"n\">F1</th>"))
    #expect(text.contains("<td class=\"n\" data-k=\"0.98\">98.00%</td>"))
    #expect(text.contains("<th scope=\"row\">&lt;script&gt;") && !text.contains("<script>"))
    #expect(text.contains("<tfoot>\n<tr><th scope=\"row\">mean</th>"))
  }

  @Test func aPageHasContentsAndNoScriptUnlessItSorts() {
    let sections = [HTMLPage.Section("one", "One & two", "<p>x</p>")]
    let page = HTMLPage(title: "<t>", subtitle: "s", sections: sections).text
    #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    #expect(page.contains("<title>&lt;t&gt;</title>") && page.contains("<h1>&lt;t&gt;</h1>"))
    #expect(page.contains("<a href=\"#one\">One &amp; two</a>"))
    #expect(page.contains("<section id=\"one\">\n<h2>One &amp; two</h2>\n<p>x</p></section>"))
    #expect(!page.contains("<script") && !page.contains("http"))
    #expect(
      HTMLPage(title: "t", subtitle: "s", sections: sections, isSortable: true).text
        .contains("<script>\nfor (const table"))
  }

  @Test func markdownShowsExactlyTheName() {
    #expect(
      ReportText.markdown("a|b`c*_<&>\n[x](y)") == "a\\|b\\`c\\*\\_&lt;&amp;&gt; \\[x\\](y)")
    #expect(ReportText.markdown("čaj 1.5%") == "čaj 1.5%")
    #expect(
      ReportText.shortened("abcdef", to: 4) == "abc…" && ReportText.shortened("ab", to: 2) == "ab")
  }
}
