// swift-tools-version: 6.2
import PackageDescription

// `swift run` builds the debug configuration, in which training must be fast too. SwiftPM puts a
// target's own flags after its `-Onone` and `-O0`, and the last flag wins. In a debug build, a
// module that is optimized as a whole must be compiled by one thread and without batch mode.
#if compiler(>=6.4)
  let optimization = ["-O"]
#else
  let optimization = ["-O", "-wmo", "-num-threads", "1", "-disable-batch-mode"]
#endif
let optimizedSwift: [SwiftSetting] = [
  .unsafeFlags(optimization, .when(configuration: .debug))
]
// Results must not depend on the compiler, so it may not fuse a·b + c; the code fuses explicitly.
// Functions are aligned, because some long unrolled functions took twice their time at some
// addresses.
let optimizedC: [CSetting] = [
  .unsafeFlags([
    "-O3", "-fno-math-errno", "-ffp-contract=off", "-falign-functions=64", "-gdwarf-4",
  ])
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

// Programs link the Swift libraries statically. They start faster than with a dozen shared
// libraries, and each is a single file to copy.
let staticLibraries: [LinkerSetting] = [
  .unsafeFlags(
    ["-static-stdlib", "-l_FoundationCShims", "-l_FoundationCollections"],
    .when(platforms: [.linux]))
]

/// A program of a few lines that runs a command.
func program(_ name: String, folder: String? = nil) -> Target {
  .executableTarget(
    name: name, dependencies: ["Commands"], path: "Sources/Programs/\(folder ?? name)",
    linkerSettings: staticLibraries)
}

// Each target names every module that it imports. A module that is reached only through another
// target may change the layout of a type without a rebuild of this target, which then reads wrong
// fields.
let package = Package(
  name: "lecture-cnn",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Tensors", targets: ["Tensors"]),
    .library(name: "Layers", targets: ["Layers"]),
    .library(name: "Networks", targets: ["Networks"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "Export", targets: ["Export"]),
    .library(name: "Textbook", targets: ["Textbook"]),
    .executable(name: "lecture-cnn", targets: ["lecture-cnn"]),
    .executable(name: "datasets", targets: ["DatasetsProgram"]),
    .executable(name: "recipes", targets: ["RecipesProgram"]),
    .executable(name: "export", targets: ["ExportProgram"]),
  ],
  traits: [
    .trait(
      name: "MPI", description: "Training in several processes, on several machines, by Open MPI.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .target(name: "CKernels", cSettings: optimizedC),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CLibcrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl"])]),
    .systemLibrary(
      name: "CLibyaml", pkgConfig: "yaml-0.1",
      providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
    .systemLibrary(
      name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["openmpi-bin", "libopenmpi-dev"])]),
    // Without the trait the module is empty.
    .target(
      name: "MPIBridge",
      dependencies: [.target(name: "CMPI", condition: .when(traits: ["MPI"]))],
      cSettings: optimizedC + [.define("WITH_MPI", .when(traits: ["MPI"]))]),
    .target(name: "PNGBridge", dependencies: ["CPNG"], cSettings: optimizedC),
    .target(name: "JPEGBridge", dependencies: ["CJPEG"], cSettings: optimizedC),
    .target(name: "Tensors", dependencies: ["CKernels"], swiftSettings: optimizedSwift),
    .target(
      name: "Files",
      dependencies: [.target(name: "CLibcrypto", condition: .when(platforms: [.linux]))],
      swiftSettings: optimizedSwift),
    .target(name: "Checkpoints", dependencies: ["Files"], swiftSettings: optimizedSwift),
    .target(name: "Layers", dependencies: ["Tensors", "CKernels"], swiftSettings: optimizedSwift),
    .target(name: "Networks", dependencies: ["Tensors", "Layers"], swiftSettings: optimizedSwift),
    .target(name: "Textbook", swiftSettings: optimizedSwift),
    .target(
      name: "GradientChecking",
      dependencies: ["Tensors", "Layers", "Networks", "Textbook", "Terminal"],
      swiftSettings: optimizedSwift),
    .target(
      name: "Datasets", dependencies: ["Tensors", "Files", "CZlib", "PNGBridge", "JPEGBridge"],
      swiftSettings: optimizedSwift),
    .target(
      name: "Training",
      dependencies: [
        "CKernels", "Tensors", "Layers", "Networks", "Datasets", "Files", "Checkpoints",
        "CLibyaml",
      ],
      swiftSettings: optimizedSwift),
    .target(
      name: "Benchmarking",
      dependencies: ["CKernels", "Tensors", "Layers", "Networks", "Datasets", "Training"],
      swiftSettings: optimizedSwift),
    .target(
      name: "Visualization",
      dependencies: ["CKernels", "Tensors", "Layers", "Networks", "Datasets", "Training"],
      swiftSettings: optimizedSwift),
    .target(name: "Protobuf", swiftSettings: optimizedSwift),
    .target(
      name: "Export",
      dependencies: [
        "Tensors", "Layers", "Networks", "Datasets", "Files", "Checkpoints", "Training", "Protobuf",
      ],
      swiftSettings: optimizedSwift),
    .target(
      name: "TensorBoard", dependencies: ["Files", "Protobuf"], swiftSettings: optimizedSwift),
    .target(name: "Processes"),
    .target(
      name: "Downloads", dependencies: ["Datasets", "Files", "Processes"],
      swiftSettings: optimizedSwift),
    .target(name: "Terminal", swiftSettings: optimizedSwift),
    .target(
      name: "Reports",
      dependencies: [
        "Layers", "Networks", "Datasets", "Files", "Checkpoints", "Training", "Visualization",
        "PNGBridge", "Terminal",
      ],
      swiftSettings: optimizedSwift),
    .target(name: "WebServer", dependencies: ["Files"], swiftSettings: optimizedSwift),
    .target(
      name: "Serving",
      dependencies: ["WebServer", "Training", "Datasets", "Layers", "Tensors", "Files"],
      swiftSettings: optimizedSwift),
    // All commands are one module. A new command is a folder of Sources/Commands and not a target.
    .target(
      name: "Commands",
      dependencies: [
        "Tensors", "Layers", "Networks", "Datasets", "Files", "Checkpoints", "Training",
        "GradientChecking", "Benchmarking", "Visualization", "Reports", "Export", "Downloads",
        "Processes", "Terminal", "TensorBoard", "Serving", "WebServer", "CZlib", "CPNG",
        "CLibyaml", "JPEGBridge",
        .target(name: "CLibcrypto", condition: .when(platforms: [.linux])), argumentParser,
        .target(name: "MPIBridge", condition: .when(traits: ["MPI"])),
      ]),
    program("lecture-cnn"),
    program("train"),
    program("evaluate"),
    program("predict"),
    program("visualize"),
    program("inspect"),
    program("serve"),
    program("average"),
    program("compare"),
    program("sweep"),
    program("benchmark"),
    program("gradcheck"),
    program("version"),
    // On file systems that ignore case, the modules `datasets` and `Datasets` would be the same.
    program("DatasetsProgram", folder: "datasets"),
    program("RecipesProgram", folder: "recipes"),
    program("ExportProgram", folder: "export"),
    .target(
      name: "TestSupport", dependencies: ["Files", "Tensors", "Layers"], path: "Tests/TestSupport"),
    .target(name: "LocalServer", path: "Tests/LocalServer"),
    .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"]),
    .testTarget(
      name: "CheckpointsTests", dependencies: ["Checkpoints", "Files", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "NetworksTests", dependencies: ["Networks", "Layers", "Tensors", "TestSupport"]),
    .testTarget(
      name: "BenchmarkingTests",
      dependencies: [
        "Benchmarking", "Training", "Networks", "Layers", "Tensors", "TestSupport",
      ]),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["Datasets", "Files", "Tensors", "PNGBridge", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "VisualizationTests",
      dependencies: ["Visualization", "Training", "Datasets", "Networks", "Layers", "Tensors"]),
    .testTarget(name: "TextbookTests", dependencies: ["Textbook"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CKernels", "TestSupport"]),
    .testTarget(
      name: "LayersTests",
      dependencies: [
        "Tensors", "Layers", "Networks", "Textbook", "GradientChecking", "Benchmarking",
        "TestSupport",
      ]),
    .testTarget(
      name: "GradientCheckingTests",
      dependencies: ["GradientChecking", "Tensors", "Layers", "Networks", "Textbook"]),
    .testTarget(
      name: "PyTorchTests",
      dependencies: [
        "Tensors", "Layers", "Networks", "GradientChecking", "Training", "Checkpoints", "Files",
        "Visualization", "TestSupport",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      // The programs are not named here, because their link flags would apply to the tests;
      // `swift test` builds them anyway.
      name: "CommandTests",
      dependencies: [
        "Commands", "Datasets", "Downloads", "Tensors", "Layers", "Networks", "Files",
        "Checkpoints", "Training", "GradientChecking", "Reports", "Export", "Terminal",
        "TensorBoard", "Protobuf", "LocalServer", argumentParser,
      ]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Tensors", "Layers", "Networks", "Datasets", "Files", "Checkpoints", "Training",
        "TestSupport",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "DownloadsTests",
      dependencies: ["Datasets", "Files", "Downloads", "LocalServer", "TestSupport"]),
    .testTarget(
      name: "ServingTests",
      dependencies: [
        "Serving", "WebServer", "Training", "Networks", "Datasets", "Reports", "Tensors",
        "LocalServer",
      ]),
    .testTarget(name: "TerminalTests", dependencies: ["Terminal"]),
    .testTarget(name: "ProtobufTests", dependencies: ["Protobuf"]),
    .testTarget(
      name: "TensorBoardTests", dependencies: ["TensorBoard", "Protobuf", "Files", "TestSupport"]),
    .testTarget(
      name: "ExportTests",
      dependencies: [
        "Export", "Tensors", "Layers", "Networks", "Datasets", "Files", "Checkpoints", "Training",
        "GradientChecking", "TestSupport",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "Reports", "Visualization", "Networks", "Datasets", "Files", "Training", "Terminal", "CPNG",
      ]),
  ]
)

// Pages of documentation need a plugin that nobody else needs: scripts/build-docs asks for it.
if Context.environment["LECTURE_CNN_DOCS"] != nil {
  package.dependencies.append(
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
