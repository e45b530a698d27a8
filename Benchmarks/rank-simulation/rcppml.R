# What RcppML's own cross-validation costs, for the ranks and repetitions of nnmf rank's folds.
#
#   Rscript rcppml.R DATA [--transpose] [--ranks 2:20] [--repeats 5] [--hidden 0.2] [--threads 2]
#
# DATA is a .csv with a header or a .mtx or .mtx.gz. RcppML wants features in rows, so a table of
# observations needs --transpose. Versions 0.5 and later have crossValidate(), which hides random
# entries (the 0.3.7 of Debian and of CRAN in 2021 has not):
#   remotes::install_github("zdebruine/RcppML", ref = "7ded2ec90721a5da47ff1129f4dbfea29f69744b")
# That commit was timed, but built by hand from its files; this way to install it was not tried.
# Everything else stays at its defaults: tol 1e-4, at most 100 iterations.
suppressPackageStartupMessages({
  library(Matrix)
  library(RcppML)
})
words <- commandArgs(TRUE)
option <- function(name, default) {
  at <- match(paste0("--", name), words)
  if (is.na(at)) default else words[at + 1]
}
if (length(words) == 0) stop("name the data")
if (!exists("crossValidate", asNamespace("RcppML")))
  stop("RcppML ", packageVersion("RcppML"), " has no crossValidate(); see the head of this file")
ranks <- eval(parse(text = option("ranks", "2:20")))
repeats <- as.integer(option("repeats", "5"))
hidden <- as.numeric(option("hidden", "0.2"))
options(RcppML.threads = as.integer(option("threads", "2")), RcppML.verbose = FALSE)

if (grepl("[.]mtx([.]gz)?$", words[1])) {
  x <- readMM(words[1])
} else {
  x <- read.csv(words[1], check.names = FALSE)
  x <- as.matrix(x[vapply(x, is.numeric, TRUE)])
}
if ("--transpose" %in% words) x <- t(x)
if (is(x, "sparseMatrix")) x <- as(as(as(x, "dMatrix"), "generalMatrix"), "CsparseMatrix")
dimnames(x) <- NULL

set.seed(1)
seconds <- system.time(scores <- crossValidate(x, ranks, reps = repeats, n = hidden))[["elapsed"]]
scores <- as.data.frame(unclass(scores))
means <- tapply(scores$value, scores$k, mean)
cat(sprintf(
  "RcppML %s: %.1f s for %d ranks, %d repeats, %g of the entries hidden; lowest mean error at rank %s\n",
  packageVersion("RcppML"), seconds, length(ranks), repeats, hidden, names(which.min(means))))
