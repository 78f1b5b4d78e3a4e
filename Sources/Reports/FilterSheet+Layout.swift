extension FilterSheet {
  /// Where everything stands on a sheet, in pixels before enlargement.
  struct Layout: Equatable, Sendable {
    let outputs: Int
    let kernelHeight: Int
    let kernelWidth: Int
    /// 3 for kernels over three input channels, 1 otherwise.
    let channels: Int
    /// One for each input channel, or a single one in color.
    let blocks: Int
    /// How many blocks stand beside one another.
    let blockColumns: Int

    private static let border = 1
    private static let gap = 3
    /// What a screen shows well; only a block that alone is wider makes a wider image.
    private static let widest = 2000
    private static let proportion = 1.6

    init(outputs: Int, inputs: Int, height: Int, width: Int) {
      let inColor = inputs == 3
      self.outputs = outputs
      self.kernelHeight = height
      self.kernelWidth = width
      self.channels = inColor ? 3 : 1
      self.blocks = inColor ? 1 : inputs

      let block = Self.blockSize(outputs: outputs, height: height, width: width)
      let blocks = self.blocks
      func size(_ columns: Int) -> (width: Int, height: Int) {
        let rows = (blocks + columns - 1) / columns
        return (
          columns * (block.width + Self.gap) - Self.gap,
          rows * (block.height + Self.gap) - Self.gap
        )
      }
      func distance(_ columns: Int) -> Double {
        let (width, height) = size(columns)
        let ratio = Double(width) / Double(height) / Self.proportion
        return max(ratio, 1 / ratio)
      }
      var best = 1
      var candidate = 2
      while candidate <= blocks && size(candidate).width <= Self.widest {
        if distance(candidate) < distance(best) { best = candidate }
        candidate *= 2
      }
      self.blockColumns = best
    }

    /// How many tiles stand beside one another in a block.
    private static func tileColumns(_ outputs: Int) -> Int { min(outputs, FilterSheet.columns) }

    private static func blockSize(
      outputs: Int, height: Int, width: Int
    ) -> (width: Int, height: Int) {
      let columns = tileColumns(outputs)
      let rows = (outputs + columns - 1) / columns
      return (
        columns * (width + border) - border,
        rows * (height + border) - border
      )
    }

    private var block: (width: Int, height: Int) {
      Self.blockSize(outputs: outputs, height: kernelHeight, width: kernelWidth)
    }

    var width: Int { blockColumns * (block.width + Self.gap) - Self.gap }

    var height: Int {
      let rows = (blocks + blockColumns - 1) / blockColumns
      return rows * (block.height + Self.gap) - Self.gap
    }

    /// The enlargement: the longer side comes to at most 1200 pixels, unless that would leave the
    /// width under 400.
    var factor: Int {
      max(1, 1200 / max(width, height), (400 + width - 1) / width)
    }

    /// The top left pixel of a tile.
    func origin(output: Int, block index: Int) -> (left: Int, top: Int) {
      let columns = Self.tileColumns(outputs)
      let left = (index % blockColumns) * (block.width + Self.gap)
      let top = (index / blockColumns) * (block.height + Self.gap)
      return (
        left + (output % columns) * (kernelWidth + Self.border),
        top + (output / columns) * (kernelHeight + Self.border)
      )
    }
  }
}
