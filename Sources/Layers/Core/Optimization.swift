/// True if this module was compiled with optimization. Debug builds must be optimized too, or
/// training takes ten times as long. A test checks it.
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
