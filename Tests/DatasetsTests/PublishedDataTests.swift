import Foundation
import Testing

@testable import Datasets

/// The complete data sets, if they are in the folder that the environment variable
/// `LECTURE_CNN_DATA` names, or in the usual places.
enum PublishedData {
  static let folder = ProcessInfo.processInfo.environment["LECTURE_CNN_DATA"]
  static let hasMNIST = has(Catalog.mnist)
  static let hasFashionMNIST = has(Catalog.fashionMNIST)
  static let hasCIFAR10 = has(Catalog.cifar10)

  static let search = {
    var search = DatasetSearch.standard()
    if let folder { search.dataFolders.insert(folder, at: 0) }
    return search
  }()

  private static func has(_ entry: DatasetEntry) -> Bool {
    DatasetSplit.allCases.allSatisfy { split in
      let location = try? DatasetLocation.find(entry, split: split, in: search)
      return location?.isSample == false
    }
  }
}

@Suite struct PublishedDataTests {
  @Test(.enabled(if: PublishedData.hasMNIST, "needs MNIST: set LECTURE_CNN_DATA"))
  func mnistIsThePublishedOne() throws {
    try check("mnist")
  }

  @Test(.enabled(if: PublishedData.hasFashionMNIST, "needs Fashion-MNIST"))
  func fashionMNISTIsThePublishedOne() throws {
    try check("fashion-mnist")
  }

  private func check(_ name: String) throws {
    let search = PublishedData.search
    let train = try Dataset.load(name: name, split: .train, search: search)
    let test = try Dataset.load(name: name, split: .test, search: search)
    #expect(train.images.count == 60_000 && test.images.count == 10_000)
    #expect(train.isVerified && test.isVerified)
    #expect(!train.isSample && !test.isSample)
    #expect(train.notices.isEmpty && test.notices.isEmpty)

    // The catalog's mean and std are those of the training pixels, rounded to four digits.
    var histogram = [Int](repeating: 0, count: 256)
    train.images.pixels.withUnsafeBufferPointer { pixels in
      for pixel in pixels { histogram[Int(pixel)] += 1 }
    }
    let count = Double(train.images.pixels.count)
    let values = histogram.enumerated().map { (Double($0) / 255, Double($1)) }
    let mean = values.reduce(0) { $0 + $1.0 * $1.1 } / count
    let variance = values.reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) * $1.1 } / count
    #expect(abs(mean - Double(train.entry.mean[0])) < 1e-4)
    #expect(abs(variance.squareRoot() - Double(train.entry.std[0])) < 1e-4)
  }

  /// Processor time, which other programs on the computer do not change.
  @Test(.enabled(if: PublishedData.hasMNIST, "needs MNIST: set LECTURE_CNN_DATA"))
  func mnistLoadsQuickly() throws {
    let search = PublishedData.search
    let start = processorSeconds()
    for split in DatasetSplit.allCases {
      #expect(try Dataset.load(name: "mnist", split: split, search: search).isVerified)
    }
    #expect(processorSeconds() - start < 0.6)
  }

  @Test(.enabled(if: PublishedData.hasMNIST, "needs MNIST: set LECTURE_CNN_DATA"))
  func theSampleIsOfTheTrainingDigits() throws {
    let search = PublishedData.search
    let train = try Dataset.load(name: "mnist", split: .train, search: search).images
    let test = try Dataset.load(name: "mnist", split: .test, search: search).images
    let labels = Dictionary(zip(SampleTests.digits(of: train), train.labels)) { first, _ in first }
    let tests = Set(SampleTests.digits(of: test))
    for split in DatasetSplit.allCases {
      let sample = try SampleTests.load(split).images
      for (digit, label) in zip(SampleTests.digits(of: sample), sample.labels) {
        #expect(labels[digit] == label)
        #expect(!tests.contains(digit))
      }
    }
  }

  /// Tests all of CIFAR-10 in any order of its images: the number of each class, and the catalog's
  /// mean and std to four digits.
  @Test(.enabled(if: PublishedData.hasCIFAR10, "needs CIFAR-10: set LECTURE_CNN_DATA"))
  func cifar10IsWhole() throws {
    let search = PublishedData.search
    let start = processorSeconds()
    let train = try Dataset.load(name: "cifar10", split: .train, search: search)
    let test = try Dataset.load(name: "cifar10", split: .test, search: search)
    #expect(processorSeconds() - start < 0.8)
    #expect(train.images.classCounts == [Int](repeating: 5000, count: 10))
    #expect(test.images.classCounts == [Int](repeating: 1000, count: 10))
    let (mean, std) = train.images.channelStatistics
    #expect(mean == train.entry.mean && std == train.entry.std)
  }

  private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
