extension FilterSheet {
  /// The positions of all tiles on a sheet, in pixels before enlargement.
  struct Layout: Equatable, Sendable {
    let outputs: Int
    let kernelHeight: Int
    let kernelWidth: Int
    /// 3 for filters over three input channels, else 1.
    let channels: Int
    /// The number of blocks: one for each input channel, or a single block in color.
    let blocks: Int
    /// The number of blocks in a row, a power of two.
    let blockColumns: Int

    private static let border = 1
    private static let gap = 3
    /// The greatest width of several blocks in a row: about that of a screen.
    private static let widest = 2000
    /// The preferred ratio of width to height.
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

    /// The number of tiles in a row of a block.
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

    /// The enlargement. It keeps the longer side within 1200 pixels, unless the width would be below 400.
    var factor: Int {
      max(1, 1200 / max(width, height), (400 + width - 1) / width)
    }

    /// The top left pixel of the tile of one output channel in one block.
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
