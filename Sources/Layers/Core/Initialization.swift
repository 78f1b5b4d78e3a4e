/// The distribution of a network's initial weights and biases. It depends on `fanIn`, the number of
/// inputs that one output sums over.
public enum Initialization: String, Sendable, CaseIterable {
  /// Weights have the variance 2 / fanIn, which keeps the variance of activations through a ReLU
  /// (He et al. 2015, "Delving deep into rectifiers", eq. 10). The last layer's have 1 / (3·fanIn),
  /// PyTorch's default and the course's choice: the first predictions are then nearly uniform, and
  /// the first steps need not undo confident mistakes. Biases are 0.
  case he
  /// Weights and biases from `U(−1/√fanIn, 1/√fanIn)`, the defaults of `torch.nn.Conv2d` and
  /// `torch.nn.Linear`: a sixth of He's variance. The initial network is nearly linear.
  case pytorch
  /// As `pytorch`, but the first filters of each convolution return its input channels, one each:
  /// `torch.nn.init.dirac_(weight[:inputChannels])`. Deep networks then start with the input's
  /// signal in every layer (Zagoruyko and Komodakis 2017, "DiracNets").
  case dirac
}
