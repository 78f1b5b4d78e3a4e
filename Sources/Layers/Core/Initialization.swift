/// How a network's first weights and biases are drawn, from the number of inputs that one output adds
/// up, `fanIn`.
public enum Initialization: String, Sendable, CaseIterable {
  /// Weights before a ReLU have the variance 2 / fanIn, which keeps the variance of activations
  /// through it (He et al. 2015, "Delving deep into rectifiers", eq. 10). The last layer's have
  /// 1 / (3·fanIn), PyTorch's default and the course's choice: the first predictions are then close
  /// to even, and the first steps need not undo confident mistakes. Biases are 0.
  case he
  /// Weights and biases from `U(−1/√fanIn, 1/√fanIn)`, as `torch.nn.Conv2d` and `torch.nn.Linear` begin:
  /// a sixth of He's variance. The network starts out nearly linear.
  case pytorch
}
