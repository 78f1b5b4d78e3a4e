import Terminal
import Testing

@Suite struct FormatTests {
  @Test(arguments: [
    (0.0, "0.0s"), (-3, "0.0s"), (4.24, "4.2s"), (9.94, "9.9s"), (9.96, "10s"), (42.4, "42s"),
    (59.4, "59s"), (59.6, "1m 00s"), (65, "1m 05s"), (3599.6, "1h 00m"), (7380, "2h 03m"),
    (86_399, "23h 59m"), (273_600, "3d 04h"), (.infinity, "–"), (.nan, "–"), (1e300, "–"),
  ])
  func aDurationHasItsTwoLargestUnits(seconds: Double, expected: String) {
    #expect(Format.duration(seconds) == expected)
  }

  @Test(arguments: [
    (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"),
    (-1000, "-1,000"), (-999, "-999"), (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func aCountHasGroupsOfThreeDigits(value: Int, expected: String) {
    #expect(Format.count(value) == expected)
  }

  @Test func aCountAgreesWithItsNoun() {
    #expect(Format.counted(1, "image") == "1 image")
    #expect(Format.counted(0, "image") == "0 images")
    #expect(Format.counted(2000, "test image") == "2,000 test images")
    #expect(Format.counted(1, "class", "classes") == "1 class")
    #expect(Format.counted(10, "class", "classes") == "10 classes")
  }

  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"),
    (1_048_575, "1.0 MiB"), (12_897_485, "12.3 MiB"), (5 << 30, "5.0 GiB"),
    (Int.max, "8.0 EiB"),
  ])
  func bytesHaveTheLargestBinaryUnit(count: Int, expected: String) {
    #expect(Format.bytes(count) == expected)
  }

  @Test(arguments: [
    (0.5234, "0.523 images/s"), (99.94, "99.9 images/s"), (99.96, "100 images/s"),
    (12_345.4, "12,345 images/s"), (.infinity, "– images/s"), (.nan, "– images/s"),
  ])
  func aRateBelow100HasThreeDigits(perSecond: Double, expected: String) {
    #expect(Format.rate(perSecond, of: "images") == expected)
  }

  @Test func aFixedNumberHasItsDecimals() {
    #expect(Format.fixed(0.03124, decimals: 4) == "0.0312")
    #expect(Format.fixed(-2, decimals: 0) == "-2")
    #expect(Format.fixed(.nan, decimals: 2) == "nan")
    #expect(Format.fixed(.greatestFiniteMagnitude, decimals: 1).count == 311)
    #expect(Format.percent(0.98914) == "98.91%")
    #expect(Format.percent(1, decimals: 0) == "100%")
  }

  @Test func aSignificantNumberHasNoTrailingZeros() {
    #expect(Format.significant(0.01, digits: 4) == "0.01")
    #expect(Format.significant(Double(Float(0.1)), digits: 4) == "0.1")
    #expect(Format.significant(0.00001, digits: 3) == "1e-05")
  }
}
