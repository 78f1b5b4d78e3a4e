/// Whether this module was compiled with optimization. A debug build must be, or training takes ten
/// times as long; a test fails where it was not.
let isOptimized: Bool = {
  // The condition of an assertion is evaluated only in code that is not optimized.
  var evaluated = false
  assert(
    {
      evaluated = true
      return true
    }())
  return !evaluated
}()
