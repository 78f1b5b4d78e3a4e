/// Whether this module was built with optimisation, as it is meant to be in every configuration.
let isOptimized: Bool = {
  var result = true
  // Only a build without optimisation evaluates the condition.
  assert(
    {
      result = false
      return true
    }())
  return result
}()
