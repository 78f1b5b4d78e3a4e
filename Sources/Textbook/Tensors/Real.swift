#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A floating-point type with the functions of the nonlinear formulas.
///
/// The functions are the C library's, so their last digits may differ between platforms. Training does not
/// use them: this module serves to check the fast layers.
public protocol Real: BinaryFloatingPoint {
  /// `eˣ`
  static func exp(_ x: Self) -> Self
  /// `ln x`
  static func log(_ x: Self) -> Self
  /// `ln(1 + x)`, accurate for small `x` too
  static func log1p(_ x: Self) -> Self
  /// `(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)`
  static func tanh(_ x: Self) -> Self
  /// `1 − erf x = (2/√π)·∫ₓ^∞ exp(−t²) dt`, accurate for large `x` too
  static func erfc(_ x: Self) -> Self
}

extension Double: Real {
  public static func exp(_ x: Double) -> Double { libraryExp(x) }
  public static func log(_ x: Double) -> Double { libraryLog(x) }
  public static func log1p(_ x: Double) -> Double { libraryLog1p(x) }
  public static func tanh(_ x: Double) -> Double { libraryTanh(x) }
  public static func erfc(_ x: Double) -> Double { libraryErfc(x) }
}

extension Float: Real {
  public static func exp(_ x: Float) -> Float { Float(libraryExp(Double(x))) }
  public static func log(_ x: Float) -> Float { Float(libraryLog(Double(x))) }
  public static func log1p(_ x: Float) -> Float { Float(libraryLog1p(Double(x))) }
  public static func tanh(_ x: Float) -> Float { Float(libraryTanh(Double(x))) }
  public static func erfc(_ x: Float) -> Float { Float(libraryErfc(Double(x))) }
}

// In the extensions above, a name such as `exp` means the static function and not the C function.
private func libraryExp(_ x: Double) -> Double { exp(x) }
private func libraryLog(_ x: Double) -> Double { log(x) }
private func libraryLog1p(_ x: Double) -> Double { log1p(x) }
private func libraryTanh(_ x: Double) -> Double { tanh(x) }
private func libraryErfc(_ x: Double) -> Double { erfc(x) }
