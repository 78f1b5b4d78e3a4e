import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The results of `body` for 0 ..< `count`, in order, with as many threads as there are processors.
///
/// - Throws: what `body` threw for the lowest number, whichever thread came first.
func concurrentMap<Value, Failure: Error>(
  _ count: Int, _ body: (Int) throws(Failure) -> Value
) throws(Failure) -> [Value] {
  let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  var results = [Result<Value, Failure>?](repeating: nil, count: count)
  results.withUnsafeMutableBufferPointer { results in
    let pool = WorkerPool(threadCount: min(max(count, 1), processors))
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
