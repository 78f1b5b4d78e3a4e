import Checkpoints
import Datasets
import Downloads
import Export
import Files
import GradientChecking
import Layers
import Terminal
import Testing

@testable import Tensors
@testable import Training

/// Specimens of every type of error that a command reports, with each kind of payload.
@Suite struct MessageShapeTests {
  private static let system = SystemError(28)
  private static let files: [InputFileProblem] = [
    .missing, .danglingLink, .unreadable, .directory, .notRegular("named pipe"), .empty,
    .tooLarge(bytes: 9, limit: 5), .failed("Input/output error"),
  ]
  private static let gzip: [GzipError] = [
    .notGzip(found: "HTML"), .endsEarly(bytes: 3), .damaged("incorrect data check"),
    .expandsPast(bytes: 5), .secondMember(afterBytes: 7), .trailingBytes(2), .outOfMemory,
  ]
  private static let idx: [IDXError] =
    gzip.map { .gzip($0) } + [
      .headerEndsEarly(bytes: 3, expected: 16), .notIDX(found: "HTML", expected: .images),
      .swapped(found: .labels), .elementType(found: 0x0D), .dimensions(found: 2, expected: .images),
      .zeroExtent([0, 28]), .tooLarge([1 << 20, 1 << 20]), .dataEndsEarly(bytes: 1, expected: 2),
      .dataTooLong(bytes: 3, expected: 2), .label(12, index: 4, expected: 0..<10),
    ]
  private static let tar: [TarError] = [
    .gzip(.outOfMemory), .endsEarly(bytes: 3), .notHeader(block: 2, found: "zeros"),
    .size(block: 2), .name("../x"), .kind(name: "a", found: "a link"),
    .tooLarge(name: "a", bytes: 9, limit: 5), .twice(name: "a"), .missing(["a", "b"]), .trailing,
  ]
  private static let folders: [ImageFolderError] = [
    .noTraining(directory: "d", part: "test"), .noClasses(path: "d"), .twoFolders("a", "b"),
    .sameName("a", "b"), .classCount(directory: "d", found: 1, atLeast: 2), .emptyClass(path: "d"),
    .emptyPart(path: "d"), .nothingToTest(directory: "d"), .unknownClass(path: "d", known: ["a"]),
    .stray(path: "x"), .circular(path: "x"), .danglingLink(path: "x"),
    .notText(path: "x"), .color(path: "x"), .tooMany(7, side: 9),
  ]
  private static let safetensors: [SafetensorsError] = [
    .tooShort(bytes: 3), .headerTooLong(bytes: 9, limit: 5, looksLike: nil),
    .headerTooLong(bytes: 9, limit: 5, looksLike: "a Python pickle"),
    .headerPastEnd(bytes: 9, available: 5), .headerStart(nil), .headerStart(60),
    .headerMisaligned(bytes: 9), .metadataNotStrings(key: nil), .metadataNotStrings(key: "a"),
    .entryNotAnObject(tensor: "t"), .unknownField(tensor: "t", field: "f"),
    .missingField(tensor: "t", field: "shape"), .unknownDtype(tensor: "t", found: "\"X\""),
    .unsupportedDtype(tensor: "t", found: "I8"), .notAList(tensor: "t", field: "shape"),
    .notAWholeNumber(tensor: "t", field: "shape", found: "-1"), .offsetCount(tensor: "t", found: 3),
    .offsetsReversed(tensor: "t", begin: 9, end: 5), .tooManyElements(tensor: "t", shape: [9, 9]),
    .lengthMismatch(tensor: "t", shape: [2], bytes: 4, expected: 8),
    .misaligned(tensor: "t", begin: 3, alignment: 4), .pastEnd(tensor: "t", end: 9, available: 5),
    .overlap(tensor: "t", begin: 3, previousEnd: 4), .hole(tensor: "t", begin: 5, previousEnd: 4),
    .disorder(tensor: "t", after: "u"), .bytesAfterEnd(found: 9, expected: 5),
    .partialByte(tensor: "t", shape: [3], bits: 12), .unsupportedValues(tensor: "t", dtype: .bool),
    .inexactNumber(tensor: "t", index: 2, found: "16777217"),
  ]
  private static let checkpoints: [CheckpointProblem] =
    files.map { .file($0) } + safetensors.flatMap { [.safetensors($0), .foreign($0)] } + [
      .noFormat, .unknownFormat(found: "x"), .newerFormat(found: 2), .noChecksum,
      .checksum(found: "a", expected: "b"), .notFinite(tensor: "t", index: 1, value: .nan),
      .otherStep(found: "3", expected: 4), .missingMetadata(key: "step"),
      .badMetadata(key: "step", found: "x"), .otherData(found: "a", expected: "b"),
      .otherModel(found: "a", expected: "b"), .missing(tensor: "t", shape: [2]),
      .unexpected(tensor: "t", shape: [2]), .misshapen(tensor: "t", found: [2], expected: [3]),
    ]
  private static let outputs: [OutputFileError] = [
    .exists(path: "x"), .failed(path: "x", action: .write, reason: system), .lost(path: "x"),
  ]
  private static let mirrors: [MirrorProblem] = [
    .address("http://x"), .unreachable(reason: "no connection"), .status(404),
    .tooManyRedirections(limit: 5), .redirection("http://x"), .encoding("gzip"),
    .range(found: "a", expected: "b"), .page, .size(found: 1, expected: 2), .tooLarge(limit: 5),
    .checksum(found: "a", expected: "b", looksLike: "HTML"), .brokeOff(bytes: 3, expected: 5),
    .stalled(seconds: 30, bytes: 3, expected: nil),
  ]

  private static let data: [DatasetError] =
    files.map { .file(path: "x", $0) } + idx.map { .content(path: "x", $0) }
    + folders.map { .images($0) } + [
      .unknownName("minst", known: ["mnist"]), .unknownName("", known: ["mnist"]),
      .folder("d", .missing), .folder("", .file), .folder("d", .danglingLink),
      .folder("d", .unreadable), .folder("d", .failed("Input/output error")),
      .noFiles(directory: "d", name: "mnist", looked: ["a"], in: ["d"]),
      .incomplete(directory: "d", missing: ["a", "b"]),
      .nowhere(name: "mnist", looked: ["d"], advice: "run `x`."),
      .cifar(path: "x", .notWhole(bytes: 3, guess: nil, expected: .cifar10, looksLike: nil)),
      .cifar(path: "x", .label(99, record: 3, name: "label", classes: 10)), .imagesNowhere,
      .unknownClasses(data: "d", unknown: ["a"], known: ["b"]),
      .otherVersion(path: "d", version: "Python", entry: "cifar10", archive: "x.tar.gz"),
      .labelCount(path: "x", labels: 3, images: 4),
      .imageSize(path: "x", found: [3, 3], expected: [4, 4]),
      .memory(path: "x", needed: 9_000_000, available: 1_000_000),
    ]

  private static let downloads: [DownloadError] =
    mirrors.map {
      .noMirror(file: "x", folder: "d", [.init(address: "https://a", problem: $0)], kept: 0)
    } + tar.map { .archive(path: "x", $0) } + files.map { .unreadable(path: "x", $0) } + [
      .mirror("ftp://x"), .interrupted(file: "x", folder: "d", kept: 0, expected: nil),
      .interrupted(file: "x", folder: "d", kept: 3, expected: 5), .output(.lost(path: "x")),
      .lock(.busy(directory: "d", process: 7)),
    ]

  private static let others: [any Error] = [
    OutputError.readerGone, OutputError.noSpace, OutputError.failed("Input/output error"),
    ThreadError(threadCount: 9, code: 11), FolderLockError.busy(directory: "d", process: nil),
    FolderLockError.busy(directory: "d", process: 7),
    FolderLockError.failed(path: "d", reason: system), FolderLockError.notRegular(path: "x"),
    CheckpointStoreError.empty(directory: "d"), CheckpointStoreError.differs(path: "x"),
    CheckpointStoreError.noneValid(
      directory: "d", errors: [.init(path: "x", problem: .noChecksum)]),
    CheckpointStoreError.unlistable(directory: "d", reason: system),
    SettingError(key: "lr", found: "x", expected: "a number"),
    SettingError(key: "lr", problem: "no rate", found: nil, expected: "a number"),
    RecipeError(path: "x", problem: "“lr” stands twice. Leave one."),
    NotFiniteError(.step(3), tensor: "the loss"), NotFiniteError(.evaluation, tensor: "the loss"),
    NotFiniteError(.validation(afterStep: 3), tensor: "the loss"),
    NotFiniteError(.test(afterStep: 3), tensor: "the loss"),
    EvaluationDataError.noValidation(checkpoint: "x"),
    EvaluationDataError.imageSize(
      checkpoint: "x", found: [3], dataset: "mnist", expected: [4]),
    RunDirectoryError.notEmpty(path: "d"), RunDirectoryError.noRun(path: "d"),
    RunDirectoryError.notBegun(path: "d"), RunDirectoryError.output(.lost(path: "x")),
    MetricsLogError.missing(path: "x"), MetricsLogError.notRegular(path: "x"),
    MetricsLogError.tooShort(path: "x", found: 3, expected: 5),
    MetricsLogError.altered(path: "x", length: 3, found: "a", expected: "b"),
    MetricsLogError.unreadable(path: "x", reason: system),
    GradientCheckError.noTextbookLayer(name: "conv1", kind: "X"),
    ExportError.noForm(layer: "conv1", kind: "X"), ExportError.tooLarge(bytes: 3_000_000_000),
    ExportError.notClasses,
  ]

  @Test func everyErrorIsOneSentenceOfOneShape() throws {
    let all: [any Error] =
      Self.data + Self.downloads + Self.outputs
      + Self.checkpoints.map { CheckpointError(path: "x", problem: $0) } + Self.others
    #expect(all.count > 200)
    for error in all {
      let fault = MessageShape.fault(of: "\(error)")
      #expect(fault == nil, "\(type(of: error)): \(fault ?? ""): \(error)")
    }
  }

  /// The notations of networks and augmentations have an expectation of a detail within that of the whole.
  @Test(arguments: ["conv(0,3)", "pol(2)", "conv(3", "pool(2,mode=up)", "conv(16)", ""])
  func notationsHaveTheShapeToo(_ notation: String) {
    let error = #expect(throws: SettingError.self) {
      var configuration = Configuration()
      try configuration.set("arch", to: notation)
    }
    #expect(MessageShape.fault(of: "\(error!)") == nil, "\(error!)")
    let other = #expect(throws: SettingError.self) {
      var configuration = Configuration()
      try configuration.set("augment", to: "rotate(181)\(notation)")
    }
    #expect(MessageShape.fault(of: "\(other!)") == nil, "\(other!)")
  }

  @Test(arguments: [
    "no place", "x: a\nb.", "x: no end", "x: twice (expected a) (expected b).",
    "x: it is bad. Expected b.", "x: Optional(3).", " x: a.",
  ])
  func otherShapesAreFound(_ message: String) {
    #expect(MessageShape.fault(of: message) != nil)
  }
}
