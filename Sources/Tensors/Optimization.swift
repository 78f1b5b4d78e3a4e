/// True if this module was compiled with optimization.
///
/// Debug builds are optimized too: without optimization training takes ten times as long. A test checks it.
let isOptimized: Bool = {
  // Only unoptimized code evaluates the condition of an assertion.
  var evaluated = false
  assert(
    {
      evaluated = true
      return true
    }())
  return !evaluated
}()
