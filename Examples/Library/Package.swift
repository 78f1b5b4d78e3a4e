// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "library-example",
  platforms: [.macOS(.v15)],
  dependencies: [
    // For a program of your own: .package(url: "https://…/lecture-cnn", from: "1.0.0")
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
