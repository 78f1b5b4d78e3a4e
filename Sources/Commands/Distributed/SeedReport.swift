import Files
import Training

/// The results of a process's seeds, as bytes for the first process: JSON in the form of `metrics.jsonl`, a
/// line for each seed.
struct SeedReport {
  let results: [SeedSeries.Result]

  init(_ results: [SeedSeries.Result]) { self.results = results }

  /// - Throws: `Failure` for bytes that ``encoded`` does not give.
  init(_ bytes: [UInt8]) throws {
    results = try bytes.split(separator: 10).map { line in
      guard let value = try? StrictJSON.parse(line), let test = TestRecord(inMetrics: Array(line)),
        case .string(let text)? = value["seed"], let seed = UInt64(text),
        let seconds = value["seconds"]?.asNumber
      else { throw Failure(.badData, "another process told a result that cannot be read.") }
      return SeedSeries.Result(seed: seed, test: test, seconds: seconds)
    }
  }

  var encoded: [UInt8] {
    results.flatMap { result -> [UInt8] in
      var members: [CanonicalJSON.Member] = [
        .init("kind", "test"), .init("seed", .string("\(result.seed)")),
        .init("seconds", .number(result.seconds)), .init("loss", .number(result.test.loss)),
      ]
      if let accuracy = result.test.accuracy {
        members.append(.init("accuracy", .number(accuracy)))
      }
      if let accuracy = result.test.singleViewAccuracy {
        members.append(.init("single_view_accuracy", .number(accuracy)))
      }
      return Array("\(CanonicalJSON.object(members).text)\n".utf8)
    }
  }
}
