package import Matrices

extension NMFModel {
  /// Creates a model from what was saved of one.
  ///
  /// - Parameters:
  ///   - w: N × r memberships.
  ///   - h: r × p parts.
  ///   - options: What was asked for.
  ///   - report: How the fit went.
  package init(
    restoringW w: DenseMatrix<Scalar>, h: DenseMatrix<Scalar>, options: FitOptions,
    report: FitReport
  ) {
    precondition(w.columns == h.rows, "W and H must have one number of components")
    self.init(w: w, h: h, options: options, report: report)
  }
}
