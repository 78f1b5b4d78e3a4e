extension Catalog {
  /// Handwritten digits and letters (Cohen, Afshar, Tapson and van Schaik 2017, arXiv 1702.05373),
  /// with each of the six selections as its own data set.
  ///
  /// The publisher has one zip archive of all six,
  /// <https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip>. The mirror has the same gzip files one
  /// by one. The images are stored transposed, and the labels of `letters` start at 1.
  public static let emnist: [DatasetEntry] = [
    balanced, byClass, byMerge, digits, letters, digitsOfMNIST,
  ]

  private static let balanced = emnist(
    "balanced", "Balanced", classNames: mergedNames, counts: (112_800, 18_800),
    mean: 0.1751, std: 0.3332,
    gzip: [
      ("74295e75e4e9fa2c102147460ee7eb763653d5132d883a84fb88932bfb8d2db4", 28_207_740),
      ("b46d41e5156a0a8aaaa4d18979fdd1588850fa8571018acffd5d93b325a7d6ed", 80_618),
      ("117fc12b015e37ea98bfb2cbba3f77c3782c056cdbd219b87abfc8661d7135db", 4_714_707),
      ("a67cac948379b67270b9a4d0a01c8ec661598accf2f2b1964340b7c83cb175cd", 13_504),
    ])

  private static let byClass = emnist(
    "byclass", "ByClass", classNames: digitNames + upperCase + lowerCase,
    counts: (697_932, 116_323), mean: 0.1736, std: 0.3316,
    gzip: [
      ("9e21987f03a6eb8b870187e785883ddad96947299587908f1a7ec2ca0f4be5f0", 173_367_313),
      ("f7ef403d48dc18a89dae0d83d11ee69cecb6e1c12c3a961d03712e495c02a8fa", 491_603),
      ("5ec835bd5d5b1a66378a132e727fef20fe994b3cc666899befcca5ac766f50cd", 28_908_322),
      ("501e305eeeacb093b162592d80e8a2632040872360fa6d85cfcb2200d91ca92a", 81_839),
    ])

  private static let byMerge = emnist(
    "bymerge", "ByMerge", classNames: mergedNames, counts: (697_932, 116_323),
    mean: 0.1736, std: 0.3316,
    gzip: [
      ("39bf8c68037dad40db35348895f7e4e056e8c0a005ab78869c9fbc2c96e947be", nil),
      ("2c47293b9e62d6abf6ad05fbf67e40baa32adfd380b8d7b44dcc35534b64e1f1", nil),
      ("5e5815ec1b522089134435f7c55e75a00960b58414793593ffff23efc0821683", nil),
      ("8bda1516255683ba9071e141947ca0c91a911176065cdd6259b0b4d8dc5b5f35", nil),
    ])

  private static let digits = emnist(
    "digits", "Digits", classNames: digitNames, counts: (240_000, 40_000),
    mean: 0.1733, std: 0.3317,
    gzip: [
      ("f7c95004d14d81af89522e67d8f0c781dfb3bd544181c81bfe1eb6b41c35b726", 59_515_779),
      ("6638a6ff5fe2eefd9cca2471995b46c82986b8e4b2a70d2f5ce8e05d7edb319e", 113_859),
      ("20ebe43509264f7639d37c835a3f0b009e90b29e00a099a03101abe1644a3f63", 9_908_519),
      ("bad1834c45d5988e270b99d43b13edc3fd898f658ffbc2caf2846ef27f7b05b0", 19_960),
    ])

  private static let letters = emnist(
    "letters", "Letters", classNames: upperCase, firstLabel: 1, counts: (124_800, 20_800),
    mean: 0.1722, std: 0.3309,
    gzip: [
      ("6288f418a917e007bf5fddb823a2dc7a5c6a35031401b93292a539cb12bd881f", 30_804_864),
      ("9759af91ea6bccdf07a6040fd085861f2ec88e37f7c3f5760f6feb57106fbe5c", 79_283),
      ("50f0e93d75b99b463e9760b8345866f22587fa2c2fba472730a5ba09c693412d", 5_039_157),
      ("924955c31fe7fd809b7303b5c0141282955f4b8390c74cdfd5d80435e0f4b4cb", 144),
    ])

  private static let digitsOfMNIST = emnist(
    "mnist", "MNIST", classNames: digitNames, counts: (60_000, 10_000),
    mean: 0.1733, std: 0.3317,
    gzip: [
      ("5f9942f441031c0f1f2e4d162059fd6e19ea808b34c328b6d16cab0ed24c78f2", 14_873_795),
      ("00c6d3c2342fdffb1711e0b5656cac4ce5862d2826399d383a9bac07d612e9f8", 29_480),
      ("b25640fa9e356c618132f5df347c95ef5bae6d9c2596be1de40f7e0ae1c3eac6", 2_484_884),
      ("bcc5385d38f083dba046f5f756e99b32f5ea7fad122c6243c71c2239873065ca", 5_144),
    ])

  private static let digitNames = (0...9).map(String.init)
  private static let upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".map(String.init)
  private static let lowerCase = "abcdefghijklmnopqrstuvwxyz".map(String.init)
  /// Letters whose two cases look alike are one class, named by the upper case.
  private static let mergedNames = digitNames + upperCase + "abdefghnqrt".map(String.init)

  private static func emnist(
    _ name: String, _ title: String, classNames: [String], firstLabel: UInt8 = 0,
    counts: (train: Int, test: Int), mean: Float, std: Float, gzip: [(sha256: String, size: Int?)]
  ) -> DatasetEntry {
    DatasetEntry(
      name: "emnist-\(name)", title: "EMNIST \(title)",
      format: .idx(transposed: true, firstLabel: firstLabel), classNames: classNames,
      trainCount: counts.train, testCount: counts.test, mean: [mean], std: [std],
      files: idxFiles(
        stems: ("emnist-\(name)-train", "emnist-\(name)-test"),
        gzip: gzip.map { PublishedGzip(sha256: $0.sha256, size: $0.size) }),
      mirrors: ["https://huggingface.co/datasets/Heliosoph/EMNIST/resolve/main/"],
      folders: ["emnist", "emnist/gzip", "gzip"])
  }
}
