import CKernels

/// An instruction set that the micro-kernels are compiled for. All sets give the same bits.
public enum KernelSet: String, CaseIterable, Sendable {
  case avx512, avx2, neon, portable

  /// The fastest set of this processor.
  public static var best: KernelSet {
    KernelSet(table: kernels_best())
  }

  /// The sets that this build has code for, fastest first.
  public static var compiled: [KernelSet] {
    #if arch(x86_64)
      [.avx512, .avx2, .portable]
    #elseif arch(arm64)
      [.neon, .portable]
    #else
      [.portable]
    #endif
  }

  /// The sets that this processor can run, fastest first.
  public static var available: [KernelSet] { allCases.filter { $0.table != nil } }

  /// The set's functions, or nil if this processor or this build lacks the set.
  public var table: UnsafePointer<kernels>? {
    switch self {
    case .avx512: kernels_of(kernel_set_avx512)
    case .avx2: kernels_of(kernel_set_avx2)
    case .neon: kernels_of(kernel_set_neon)
    case .portable: kernels_of(kernel_set_portable)
    }
  }

  private init(table: UnsafePointer<kernels>) {
    self = Self.allCases.first { $0.table == table }!
  }
}
