extension Catalog {
  /// Handwritten digits (LeCun, Cortes and Burges 1998).
  public static let mnist = DatasetEntry(
    name: "mnist", title: "MNIST", classNames: (0...9).map(String.init),
    mean: [0.1307], std: [0.3081],
    files: idxFiles(
      gzip: [
        .init(
          sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
          size: 9_912_422),
        .init(
          sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
          size: 28_881),
        .init(
          sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
          size: 1_648_877),
        .init(
          sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
          size: 4_542),
      ],
      content: [
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
      ]),
    mirrors: [
      "https://ossci-datasets.s3.amazonaws.com/mnist/",
      "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ],
    sample: DatasetSample(
      folder: "mnist-sample", count: 5000,
      files: idxFiles(
        gzip: [
          .init(
            sha256: "290cb6b08096f903f37cabeae55faeb9442766b9408e37f53be5cb4278079296", size: nil),
          .init(
            sha256: "cf065db5073ff51ca39bee8e4b68b3f58cf4a6950b995a29a25cf23899bec2ac", size: nil),
          .init(
            sha256: "379f49af521b609ddf40bd36e36700d8592b565792feb7f1b20d6c2e53c9a9a0", size: nil),
          .init(
            sha256: "e43bcd9f36f79255b108cfb3d56a066f886477a3797adca24aa7a65c591446d6", size: nil),
        ],
        content: [
          "fa01c4e0e0ddb1b901673e9b19c34e207002f34b874e266b33006ed7b18f8f84",
          "5dbd7686910cb66a8a6303f16940c2fae43896243c187897cd3976aab00f4817",
          "12a9e7e24f894be6e2e757ca9a44da720457ef446785e1828756cf0c8c83a6a0",
          "66e4c6deb5f2a061f7d8cd5ec53025fdb9dabb08265e449acb8cf64b8cd36cac",
        ])))

  /// Articles of clothing (Xiao, Rasul and Vollgraf 2017, arXiv 1708.07747).
  public static let fashionMNIST = DatasetEntry(
    name: "fashion-mnist", title: "Fashion-MNIST",
    classNames: [
      "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
      "Ankle boot",
    ],
    mean: [0.2860], std: [0.3530],
    files: idxFiles(
      gzip: [
        .init(
          sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
          size: 26_421_880),
        .init(
          sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
          size: 29_515),
        .init(
          sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
          size: 4_422_102),
        .init(
          sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
          size: 5_148),
      ],
      content: [
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
      ]),
    // The publisher's own server supports http only; these mirrors have the same files.
    mirrors: [
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
      "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ],
    systemFolder: "/usr/share/datasets/fashion-mnist",
    systemPackage: "Debian's package dataset-fashion-mnist")

  /// Cursive Japanese characters (Clanuwat et al. 2018, arXiv 1812.01718).
  public static let kmnist = DatasetEntry(
    name: "kmnist", title: "Kuzushiji-MNIST",
    classNames: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
    mean: [0.1918], std: [0.3483],
    files: idxFiles(
      gzip: [
        .init(
          sha256: "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
          size: 18_165_135),
        .init(
          sha256: "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
          size: 29_497),
        .init(
          sha256: "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
          size: 3_041_136),
        .init(
          sha256: "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
          size: 5_120),
      ]),
    mirrors: ["https://codh.rois.ac.jp/kmnist/dataset/kmnist/"])
}
