import Terminal
import Textbook

/// Matrices side by side, each with its name in front, as on a slide.
///
///     w1 =   0  0  0     w2 =  0   0  0
///           -1  1  0           0   1  0
///            0  0  0           0  -1  0
struct Figure {
  private var lines: [String] = []

  init(_ matrices: [(name: String, matrix: Matrix<Double>)]) {
    let height = matrices.reduce(0) { max($0, $1.matrix.rows) }
    lines = Array(repeating: "  ", count: height)
    for (name, matrix) in matrices {
      let label = "\(name) ="
      let cells = matrix.elements.map(number)
      let width = cells.reduce(0) { max($0, $1.count) }
      let start = lines.reduce(0) { max($0, $1.terminalWidth) } + (lines[0] == "  " ? 0 : 4)
      for row in 0..<height {
        lines[row] += String(repeating: " ", count: start - lines[row].terminalWidth)
        lines[row] += row == 0 ? label : String(repeating: " ", count: label.terminalWidth)
        guard row < matrix.rows else { continue }
        for cell in cells[row * matrix.columns..<(row + 1) * matrix.columns] {
          lines[row] += String(repeating: " ", count: width + 2 - cell.count) + cell
        }
      }
    }
  }

  /// The slices of a volume, numbered from 1.
  init(_ name: String, _ volume: Volume<Double>) {
    self.init(
      (0..<volume.channels).map { f in
        (volume.channels == 1 ? name : "\(name)\(f + 1)", volume[f])
      })
  }

  /// The kernels of one input channel, numbered from 1.
  init(_ name: String, _ kernel: Kernel<Double>) {
    self.init(
      (0..<kernel.outputs).map { g in
        (kernel.outputs == 1 ? name : "\(name)\(g + 1)", kernel[g, 0])
      })
  }

  init(_ name: String, _ vector: Vector<Double>) {
    self.init([(name, Matrix([vector.elements]))])
  }

  /// The lines, each ended by a newline.
  var text: String {
    lines.map { line in
      var line = line
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

/// A number in at most four digits, without a negative zero.
func number(_ value: Double) -> String { Format.significant(value + 0, digits: 4) }
