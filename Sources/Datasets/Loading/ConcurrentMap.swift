import Tensors

/// The results of `body` for 0 ..< `count`, in order, by up to ``Processors/threadCount`` threads.
///
/// - Throws: what `body` threw for the lowest number, whichever thread came first.
func concurrentMap<Value, Failure: Error>(
  _ count: Int, _ body: (Int) throws(Failure) -> Value
) throws(Failure) -> [Value] {
  var results = [Result<Value, Failure>?](repeating: nil, count: count)
  results.withUnsafeMutableBufferPointer { results in
    // Loading goes on with one thread where the system starts no more.
    let pool =
      (try? WorkerPool(starting: min(max(count, 1), Processors.threadCount)))
      ?? WorkerPool(threadCount: 1)
    pool.run(count) { task, _ in
      do throws(Failure) { results[task] = .success(try body(task)) } catch {
        results[task] = .failure(error)
      }
    }
  }
  var values: [Value] = []
  values.reserveCapacity(count)
  for result in results { values.append(try result!.get()) }
  return values
}
