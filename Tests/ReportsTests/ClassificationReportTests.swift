import Reports
import Testing
import Training

/// A report of three classes with values computed by hand:
///
///     predicted   0  1  2
///     true 0      2  1  0      precision 2/3, recall 2/3, F1 4/6
///     true 1      0  1  1      precision 1/3, recall 1/2, F1 2/5
///     true 2      1  1  3      precision 3/4, recall 3/5, F1 6/9
private func example(names: [String] = ["cat", "dog", "ox"]) -> ClassificationReport {
  ClassificationReport(
    labels: [0, 0, 0, 1, 1, 2, 2, 2, 2, 2], predictions: [0, 1, 0, 1, 2, 2, 0, 2, 1, 2],
    losses: [0.5, 1.5, 0.25, 0.75, 2, 0.125, 3, 0.375, 1, 0.5], classNames: names)
}

@Suite struct ClassificationReportTests {
  @Test func figuresAreThoseComputedByHand() {
    let report = example()
    #expect(report.examples == 10)
    #expect(report.correct == 6)
    #expect(report.accuracy == 0.6)
    #expect(report.loss == 1)
    #expect(report.confusion == [[2, 1, 0], [0, 1, 1], [1, 1, 3]])
    #expect(report.classes.map(\.name) == ["cat", "dog", "ox"])
    let precision: [Double] = [2 / 3, 1 / 3, 3 / 4]
    #expect(report.classes.map(\.precision) == precision)
    let recall: [Double] = [2 / 3, 1 / 2, 3 / 5]
    #expect(report.classes.map(\.recall) == recall)
    let f1: [Double] = [4 / 6, 2 / 5, 6 / 9]
    #expect(report.classes.map(\.f1) == f1)
    #expect(report.classes.map(\.support) == [3, 2, 5])
    #expect(abs(report.macro.precision - 7.0 / 12) < 1e-15)
    #expect(abs(report.macro.recall - 53.0 / 90) < 1e-15)
    #expect(abs(report.macro.f1 - 26.0 / 45) < 1e-15)
  }

  @Test func undefinedScoresCountAsZero() {
    // Class 0 is never predicted, class 1 is never the label, and class 2 is neither.
    let report = ClassificationReport(
      labels: [0, 3], predictions: [1, 3], losses: [1, 1], classNames: ["0", "1", "2", "3"])
    #expect(report.classes.map(\.precision) == [0, 0, 0, 1])
    #expect(report.classes.map(\.recall) == [0, 0, 0, 1])
    #expect(report.classes.map(\.f1) == [0, 0, 0, 1])
    #expect(report.macro.f1 == 0.25)
  }

  @Test func lossesAreSummedInDouble() {
    // In Float, 2²⁴ + 1 rounds to 2²⁴.
    let count = 4097
    let report = ClassificationReport(
      labels: [Int](repeating: 0, count: count), predictions: [Int](repeating: 0, count: count),
      losses: [16_777_216] + [Double](repeating: 1, count: count - 1), classNames: ["0"])
    #expect(report.loss == (16_777_216 + 4096) / 4097)
  }

  /// Newcombe 1998 (Statistics in Medicine 17:857), table I, the score method without continuity
  /// correction, to its four digits.
  @Test(arguments: [
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
    (1, 29, 0.0061, 0.1718),
  ])
  func wilsonIntervalsAreThoseOfNewcombe(
    successes: Int, trials: Int, lower: Double, upper: Double
  ) {
    let interval = ClassificationReport.wilsonInterval(successes: successes, of: trials)
    #expect(abs(interval.lowerBound - lower) <= 0.000_05)
    #expect(abs(interval.upperBound - upper) <= 0.000_05)
    // The interval of the failures is its mirror image.
    let mirrored = ClassificationReport.wilsonInterval(successes: trials - successes, of: trials)
    #expect(abs(mirrored.lowerBound - (1 - interval.upperBound)) < 1e-12)
    #expect(abs(mirrored.upperBound - (1 - interval.lowerBound)) < 1e-12)
  }

  @Test func wilsonIntervalsContainTheProportionAndLieIn0To1() {
    #expect(ClassificationReport.wilsonInterval(successes: 0, of: 7).lowerBound == 0)
    #expect(ClassificationReport.wilsonInterval(successes: 7, of: 7).upperBound == 1)
    for trials in 1...60 {
      for successes in 0...trials {
        let interval = ClassificationReport.wilsonInterval(successes: successes, of: trials)
        #expect(interval.contains(Double(successes) / Double(trials)))
        #expect(interval.lowerBound >= 0 && interval.upperBound <= 1)
      }
    }
  }
}

@Suite struct ClassificationReportJSONTests {
  @Test func theTextIsThatOfTheSchema() {
    let report = ClassificationReport(
      labels: [0, 1, 1, 1], predictions: [0, 1, 1, 0], losses: [0.5, 0.25, 0.25, 2],
      classNames: ["a", "b"])
    #expect(
      report.json == #"{"accuracy":0.75,"loss":0.75,"examples":4,"#
        + "\"interval\":[\(report.interval.lowerBound),\(report.interval.upperBound)],"
        + #""confusion":[[1,0],[1,2]],"classes":["#
        + #"{"name":"a","precision":0.5,"recall":1.0,"f1":0.6666666666666666,"support":1},"#
        + #"{"name":"b","precision":1.0,"recall":0.6666666666666666,"f1":0.8,"support":3}],"#
        + #""macro":{"precision":0.75,"recall":0.8333333333333333,"f1":0.7333333333333334}}"#
        + "\n")
  }

  @Test func classNamesAreEscaped() {
    let report = example(names: ["a\"b", "c\\d", "e\nf\u{1}č"])
    #expect(report.json.contains(#"{"name":"a\"b","#))
    #expect(report.json.contains(#"{"name":"c\\d","#))
    #expect(report.json.contains("{\"name\":\"e\\nf\\u0001č\","))
  }

  @Test func aLossThatIsNotFiniteIsNull() {
    let report = ClassificationReport(
      labels: [0], predictions: [0], losses: [.infinity], classNames: ["a"])
    #expect(report.json.contains("\"loss\":null,"))
  }
}

@Suite struct ClassificationReportConsoleTests {
  @Test func theTextHasAccuracyScoresAndConfusionMatrix() {
    #expect(
      example().consoleText() == """
        accuracy  60.00%  (95% interval 31.27% to 83.18%, 6 of 10 examples)
        loss      1.0000

        class          precision  recall      F1  support
        ─────────────────────────────────────────────────
        cat               66.67%  66.67%  66.67%        3
        dog               33.33%  50.00%  40.00%        2
        ox                75.00%  60.00%  66.67%        5
        ─────────────────────────────────────────────────
        macro average     58.33%  58.89%  57.78%       10

        confusion matrix (rows: true class, columns: predicted class)

               │ 0  1  2
        ───────┼────────
        0  cat │ 2  1  ·
        1  dog │ ·  1  1
        2  ox  │ 1  1  3

        """)
  }

  @Test func classNamesThatAreNumbersAppearOnce() {
    #expect(
      example(names: ["0", "1", "2"]).consoleText().contains(
        """
          │ 0  1  2
        ──┼────────
        0 │ 2  1  ·

        """))
  }

  @Test func theMostFrequentConfusionsReplaceAWideMatrix() {
    let text = example().consoleText(width: 15)
    #expect(!text.contains("matrix"))
    #expect(
      text.hasSuffix(
        """
        most frequent confusions

        true class  taken for  examples
        ───────────────────────────────
        cat         dog               1
        dog         ox                1
        ox          cat               1
        ox          dog               1

        """))
    #expect(example().consoleText(width: 16).contains("matrix"))
    let perfect = ClassificationReport(
      labels: [0, 1], predictions: [0, 1], losses: [0, 0], classNames: ["a", "b"])
    #expect(perfect.consoleText(width: 5).hasSuffix("no example is taken for another class\n"))
  }
}
