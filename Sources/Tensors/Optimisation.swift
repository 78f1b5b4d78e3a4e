/// Whether this module was compiled with optimisation. A debug build must be, or training takes ten
/// times as long; a test fails where it was not.
let isOptimised: Bool = {
  // The condition of an assertion is evaluated only in code that is not optimised.
  var evaluated = false
  assert(
    {
      evaluated = true
      return true
    }())
  return !evaluated
}()
