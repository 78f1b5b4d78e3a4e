extension ModuleBuilder {
  /// The class `Network`.
  ///
  /// - Parameter documentation: one sentence.
  func classText(_ documentation: String) -> String {
    let members = members.map { "        \($0)\n" }.joined()
    let statements = statements.map { "        \($0)\n" }.joined()
    let initializer =
      members.isEmpty
      ? "" : "    def __init__(self) -> None:\n        super().__init__()\n\(members)\n"
    return """
      class Network(nn.Module):
          \"""\(documentation)\"""

      \(initializer)    def forward(self, x: torch.Tensor) -> torch.Tensor:
      \(statements)        return x
      """
  }
}
