/// True if this module was compiled with optimization. Without it training takes ten times as long,
/// also in a debug build; a test checks this.
let isOptimized: Bool = {
  // The compiler evaluates an assertion's condition only in code that is not optimized.
  var evaluated = false
  assert(
    {
      evaluated = true
      return true
    }())
  return !evaluated
}()
