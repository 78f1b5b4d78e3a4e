extension Catalog {
  /// Photographs of vehicles and animals (Krizhevsky 2009, "Learning multiple layers of features
  /// from tiny images").
  public static let cifar10 = DatasetEntry(
    name: "cifar10", title: "CIFAR-10", format: .cifar(.cifar10), height: 32, width: 32,
    classNames: [
      "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ],
    trainCount: 50_000, mean: [0.4914, 0.4822, 0.4465], std: [0.2470, 0.2435, 0.2616],
    files: [
      ("data_batch_1.bin", "aadd24acce27caa71bf4b10992e9e7b2d74c2540"),
      ("data_batch_2.bin", "c0ba65cce70568cd57b4e03e9ac8d2a5367c1795"),
      ("data_batch_3.bin", "1dd00a74ab1d17a6e7d73e185b69dbf31242f295"),
      ("data_batch_4.bin", "aab85764eb3584312d3c7f65fd2fd016e36a258e"),
      ("data_batch_5.bin", "26e2849e66a845b7f1e4614ae70f4889ae604628"),
    ].map { recordFile(.train, $0, $1) } + [
      recordFile(.test, "test_batch.bin", "67eb016db431130d61cd03c7ad570b013799c88c")
    ],
    mirrors: [
      "https://www.cs.toronto.edu/~kriz/",
      "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
      mindSporeMirror,
    ],
    archive: DatasetArchive(
      name: "cifar-10-binary.tar.gz", size: 170_052_171,
      sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
      folder: "cifar-10-batches-bin"),
    folders: ["cifar10", "cifar10/cifar-10-batches-bin", "cifar-10-batches-bin"])

  /// Photographs of a hundred classes of objects, from the same collection as ``cifar10``, with
  /// fine labels.
  public static let cifar100 = cifar100Entry(
    name: "cifar100", title: "CIFAR-100", kind: .cifar100Fine,
    classNames: [
      "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle",
      "bottle", "bowl", "boy", "bridge", "bus", "butterfly", "camel", "can", "castle",
      "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch",
      "crab",
      "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl",
      "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard",
      "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree",
      "orange", "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain",
      "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose",
      "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider",
      "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone",
      "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale",
      "willow_tree", "wolf", "woman", "worm",
    ])

  /// The images of ``cifar100`` with coarse labels.
  public static let cifar100Coarse = cifar100Entry(
    name: "cifar100-coarse", title: "CIFAR-100 (coarse)", kind: .cifar100Coarse,
    classNames: [
      "aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables",
      "household_electrical_devices", "household_furniture", "insects", "large_carnivores",
      "large_man-made_outdoor_things", "large_natural_outdoor_scenes",
      "large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates", "people",
      "reptiles", "small_mammals", "trees", "vehicles_1", "vehicles_2",
    ])

  /// MindSpore's tutorials download `cifar-10-binary.tar.gz` and `cifar-100-binary.tar.gz` from
  /// here.
  private static let mindSporeMirror =
    "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/"

  private static func cifar100Entry(
    name: String, title: String, kind: CIFAR.Kind, classNames: [String]
  ) -> DatasetEntry {
    DatasetEntry(
      name: name, title: title, format: .cifar(kind), height: 32, width: 32,
      classNames: classNames, trainCount: 50_000, mean: [0.5071, 0.4865, 0.4409],
      std: [0.2673, 0.2564, 0.2762],
      files: [
        recordFile(.train, "train.bin", "e207cd2e05b73b1393c74c7f5e7bea451d63e08e"),
        recordFile(.test, "test.bin", "8fb6623e830365ff53cf14adec797474f5478006"),
      ],
      mirrors: ["https://www.cs.toronto.edu/~kriz/", mindSporeMirror],
      archive: DatasetArchive(
        name: "cifar-100-binary.tar.gz", size: 168_513_733,
        sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
        folder: "cifar-100-binary"),
      folders: ["cifar100", "cifar100/cifar-100-binary", "cifar-100-binary"])
  }

  /// No SHA-256 of the unpacked files is published, only the SHA-1 that MXNet checks.
  private static func recordFile(
    _ split: DatasetSplit, _ name: String, _ sha1: String
  ) -> DatasetFile {
    DatasetFile(split: split, kind: .records, name: name, gzip: nil, content: .sha1(sha1))
  }
}
