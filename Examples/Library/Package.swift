// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "library-example",
  platforms: [.macOS(.v15)],
  dependencies: [
    // In your own package: .package(url: "https://…/lecture-cnn", branch: "main")
    .package(name: "lecture-cnn", path: "../..")
  ],
  targets: [
    .executableTarget(
      name: "Library",
      dependencies: [
        .product(name: "Training", package: "lecture-cnn"),
        .product(name: "Datasets", package: "lecture-cnn"),
      ])
  ]
)
