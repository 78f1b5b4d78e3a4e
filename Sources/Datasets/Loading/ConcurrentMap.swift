import Tensors

/// The results of `body` for 0 ..< `count`, in order, computed by up to ``Processors/threadCount``
/// threads.
///
/// - Throws: the error of `body` for the lowest number that failed, whichever thread finished
///   first.
func concurrentMap<Value, Failure: Error>(
  _ count: Int, _ body: (Int) throws(Failure) -> Value
) throws(Failure) -> [Value] {
  var results = [Result<Value, Failure>?](repeating: nil, count: count)
  results.withUnsafeMutableBufferPointer { results in
    // If the system cannot start more threads, loading uses one.
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
