#if canImport(_Differentiation)
  import Testing
  import Textbook
  import _Differentiation

  /// Lecture row L23: every backward pass equals Swift's automatic differentiation of the forward pass within
  /// 1e-12. Automatic differentiation has no step size, so it is more exact than finite differences.
  struct AutomaticDifferentiationTests {
    private func expectSame<G: Grid>(
      _ found: G, _ expected: Array<Double>.TangentVector,
      sourceLocation: SourceLocation = #_sourceLocation
    ) where G.Scalar == Double {
      #expect(found.elements.count == expected.base.count, sourceLocation: sourceLocation)
      guard found.elements.count == expected.base.count else { return }
      expectClose(
        Vector(found.elements), Vector(expected.base), within: 1e-12, sourceLocation: sourceLocation
      )
    }

    @Test(arguments: 0..<20) func fullyConnectedGradientsAreAutomaticOnes(seed: Int) {
      var numbers = Numbers(seed: seed)
      let inputs = numbers.integer(1...7)
      let outputs = numbers.integer(1...5)
      let p: Vector<Double> = numbers.reals(inputs)
      let w: Matrix<Double> = numbers.reals(outputs, inputs)
      let b: Vector<Double> = numbers.reals(outputs)
      let dq: Vector<Double> = numbers.reals(outputs)
      let r = dq.elements
      let (dp, dw, db) = gradient(at: p.elements, w.elements, b.elements) {
        differentiableFullyConnected($0, $1, $2, r)
      }
      expectSame(fullyConnectedBackwardInput(dq, w), dp)
      expectSame(fullyConnectedBackwardWeight(dq, p), dw)
      expectSame(dq, db)
      #expect(
        abs(
          differentiableFullyConnected(p.elements, w.elements, b.elements, r)
            - dot(fullyConnected(p, w, b), dq)) < 1e-12)
    }

    @Test(arguments: 0..<20) func gradientsOfVectorConvolutionsAreAutomaticOnes(seed: Int) {
      var numbers = Numbers(seed: seed)
      let p: Vector<Double> = numbers.reals(numbers.integer(5...9))
      let w: Vector<Double> = numbers.reals([1, 3, 5][seed % 3])
      let dq: Vector<Double> = numbers.reals(p.count)
      let r = dq.elements
      let (dp, dw) = gradient(at: p.elements, w.elements) {
        differentiableConvolution1D($0, $1, r)
      }
      expectSame(convolution1DBackwardInput(dq, w), dp)
      expectSame(convolution1DBackwardKernel(dq, p, k: w.count), dw)
    }

    @Test(arguments: ConvolutionCase.general)
    func convolutionGradientsAreAutomaticOnes(_ c: ConvolutionCase) {
      var numbers = Numbers(seed: c.kernel.rows + 7 * c.stride.columns)
      let p: Volume<Double> = numbers.reals(c.inputs, c.extent.rows, c.extent.columns)
      let w: Kernel<Double> = numbers.reals(c.outputs, c.inputs, c.kernel.rows, c.kernel.columns)
      let b: Vector<Double> = numbers.reals(c.outputs)
      let q = convolution(p, w, b, stride: c.stride, padding: c.padding)
      let dq: Volume<Double> = numbers.reals(q.channels, q.rows, q.columns)
      let r = dq.elements
      let (value, (dp, dw, db)) = valueWithGradient(at: p.elements, w.elements, b.elements) {
        differentiableConvolution($0, $1, $2, r, c)
      }
      #expect(abs(value - dot(q, dq)) < 1e-12)
      expectSame(
        convolutionBackwardInput(
          dq, w, stride: c.stride, padding: c.padding, extent: c.extent), dp)
      expectSame(
        convolutionBackwardKernel(
          dq, p, size: c.kernel, stride: c.stride, padding: c.padding), dw)
      expectSame(convolution2DBackwardBias(dq), db)
    }

    @Test(arguments: ConvolutionCase.square)
    func gradientsByChainingAndOfTransposedConvolutionsAreAutomaticOnes(_ c: ConvolutionCase) {
      var numbers = Numbers(seed: c.kernel.rows + 7 * c.stride.columns)
      let (s, a) = (c.stride.rows, c.padding.top)
      let p: Volume<Double> = numbers.reals(c.inputs, c.extent.rows, c.extent.columns)
      let w: Kernel<Double> = numbers.reals(c.outputs, c.inputs, c.kernel.rows, c.kernel.columns)
      let q = stridedConvolution2D(p, w, stride: s, padding: a)
      let x: Volume<Double> = numbers.reals(q.channels, q.rows, q.columns)
      let (r, zeros) = (x.elements, [Double](repeating: 0, count: c.outputs))
      let (dp, dw) = gradient(at: p.elements, w.elements) {
        differentiableConvolution($0, $1, zeros, r, c)
      }
      expectSame(
        stridedConvolution2DBackwardInputByChaining(
          x, w, stride: s, padding: a, extent: c.extent), dp)
      expectSame(
        stridedConvolution2DBackwardKernelByChaining(x, p, k: c.kernel.rows, stride: s, padding: a),
        dw)
      // The loss is ⟨w ⋆ᵀ x, p⟩.
      let factors = p.elements
      let (dx, dwOfTransposed) = gradient(at: x.elements, w.elements) {
        differentiableTransposedConvolution($0, $1, factors, c)
      }
      expectSame(
        transposedConvolution2DBackwardInput(p, w, stride: c.stride, padding: c.padding), dx)
      expectSame(
        transposedConvolution2DBackwardKernel(
          p, x, size: c.kernel, stride: c.stride, padding: c.padding), dwOfTransposed)
    }

    @Test(arguments: 0..<20) func activationGradientsAreAutomaticOnes(seed: Int) {
      var numbers = Numbers(seed: seed)
      let p: Vector<Double> = numbers.spaced(1 + seed)
      let x = 6 * p
      let dq: Vector<Double> = numbers.reals(p.count)
      let r = dq.elements
      expectSame(reluBackward(dq, p), gradient(at: p.elements) { differentiableReLU($0, r) })
      expectSame(geluBackward(dq, x), gradient(at: x.elements) { differentiableGELU($0, r) })
      expectSame(
        sigmoidBackward(dq, q: sigmoid(x)),
        gradient(at: x.elements) { differentiableSigmoid($0, r) })
      expectSame(
        hyperbolicTangentBackward(dq, q: hyperbolicTangent(x)),
        gradient(at: x.elements) { differentiableTangent($0, r) })
    }

    @Test(arguments: 1...20) func maxPoolingGradientsAreAutomaticOnes(seed: Int) {
      var numbers = Numbers(seed: seed)
      let n = numbers.integer(1...12)
      let k = numbers.integer(1...4)
      let p: Vector<Double> = numbers.spaced(n)
      let dq: Vector<Double> = numbers.reals((n + k - 1) / k)
      let r = dq.elements
      expectSame(
        maxPooling1DBackward(dq, p, k),
        gradient(at: p.elements) { differentiableMaxPooling1D($0, k, r) })
      expectSame(
        globalMaxPoolingBackward(3, p),
        gradient(at: p.elements) { differentiableMaxPooling1D($0, n, [3]) })
    }

    @Test(arguments: 0..<20) func batchNormalizationGradientsAreAutomaticOnes(seed: Int) {
      var numbers = Numbers(seed: seed)
      let (rows, columns) = (1 + seed % 3, 2 + seed % 4)
      let batch: [Volume<Double>] = (0...(seed % 4)).map { _ in numbers.reals(1, rows, columns) }
      let dq: [Volume<Double>] = batch.map { _ in numbers.reals(1, rows, columns) }
      let (gamma, beta) = (numbers.uniform(), numbers.uniform())
      let epsilon = [1e-5, 0.1][seed % 2]
      let r = dq.flatMap(\.elements)
      let (dp, dgamma, dbeta) = gradient(at: batch.flatMap(\.elements), gamma, beta) {
        differentiableBatchNormalization($0, $1, $2, epsilon, r)
      }
      let found = batchNormalizationBackward(dq, batch, scale: [gamma], epsilon: epsilon)
      expectSame(Vector(found.dp.flatMap(\.elements)), dp)
      expectClose(found.dgamma, [dgamma], within: 1e-12)
      expectClose(found.dbeta, [dbeta], within: 1e-12)
    }

    @Test(arguments: 0..<20) func lossGradientsAreAutomaticOnes(seed: Int) {
      var numbers = Numbers(seed: seed)
      let count = 2 + seed % 7
      let s: Vector<Double> = 3 * numbers.reals(count)
      let t = Vector(count: count) { _ in (1 + numbers.uniform()) / 2 }
      let (y, targets) = (seed % count, t.elements)
      expectSame(
        softmaxCrossEntropyGradient(s, y),
        gradient(at: s.elements) { differentiableCrossEntropy($0, y) })
      expectSame(
        meanSquaredErrorGradient(s, t),
        gradient(at: s.elements) { differentiableSquaredError($0, targets) })
      expectSame(
        binaryCrossEntropyGradient(s, t),
        gradient(at: s.elements) { differentiableBinaryCrossEntropy($0, targets) })
      expectSame(
        multiclassHingeGradient(s, y), gradient(at: s.elements) { differentiableHinge($0, y) })
    }

    /// Row L12, from the image to the loss.
    @Test func theWorkedExercisesAnswerIsTheAutomaticGradient() {
      let exercise = WorkedExercise<Double>()
      let c = ConvolutionCase(
        inputs: 1, outputs: 1, extent: 4, kernel: 3, stride: 1, padding: 0)
      // The response of one kernel: the maximum of ReLU over the four outputs.
      @differentiable(reverse,wrt: w)
      func response(_ w: [Double], _ x: [Double]) -> Double {
        var best = 0.0
        for place in 0..<4 {
          let only = withoutDerivative(at: (0..<4).map { $0 == place ? 1.0 : 0 })
          let value = differentiableConvolution(x, w, [0], only, c)
          if value > best { best = value }
        }
        return best
      }
      let x = exercise.x.elements
      let (dw1, dw2) = gradient(at: exercise.w[0, 0].elements, exercise.w[1, 0].elements) {
        differentiableCrossEntropy([response($0, x), response($1, x)], exercise.y)
      }
      expectSame(exercise.dw[0, 0], dw1)
      expectSame(exercise.dw[1, 0], dw2)
    }
  }
#endif
