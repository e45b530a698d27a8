"""What a rank survey costs: nnmf rank beside scikit-learn's fits for the same ranks and folds.

    python cost.py NNMF DATA --loss poisson|frobenius [--transpose] [--ranks 2..20] [--sample 2,8,14,20]

nnmf does the whole survey (ranks, 5 folds, two starts each, shuffled columns, no stability). For
scikit-learn one fit is timed at each rank of --sample, with its own defaults (max_iter 200,
tol 1e-4; multiplicative updates for Poisson, coordinate descent for least squares, NNDSVDa start),
on X as it is; the time of the survey is five times the sum over all ranks, interpolated between
the sampled ones. Both use all cores. scikit-learn cannot hide entries: its fits are timed on X.
"""
import argparse
import subprocess
import tempfile
import time
import warnings

import numpy as np
import scipy.io
import scipy.sparse as sp
from sklearn.decomposition import NMF

parser = argparse.ArgumentParser()
parser.add_argument("nnmf")
parser.add_argument("data")
parser.add_argument("--matrix", help="what scikit-learn reads, if not DATA (.mtx.gz, .csv, .npy)")
parser.add_argument("--loss", default="poisson")
parser.add_argument("--transpose", action="store_true", help="transpose what scikit-learn reads")
parser.add_argument("--ranks", default="2..20")
parser.add_argument("--sample", default="2,8,14,20")
arguments = parser.parse_args()
warnings.filterwarnings("ignore")

path = arguments.matrix or arguments.data
if path.endswith((".mtx", ".mtx.gz")):
    x = sp.csr_matrix(scipy.io.mmread(path)).astype(np.float64)
elif path.endswith(".npy"):
    x = np.load(path).astype(np.float64)
else:
    x = np.genfromtxt(path, delimiter=",", skip_header=1)
    x = x[:, ~np.isnan(x).all(axis=0)]
if arguments.transpose:
    x = x.T.tocsr() if sp.issparse(x) else np.ascontiguousarray(x.T)

with tempfile.TemporaryDirectory() as folder:
    begin = time.perf_counter()
    subprocess.run(
        [arguments.nnmf, "rank", arguments.data, "-r", arguments.ranks, "--loss", arguments.loss,
         "--restarts", "0", "--bootstraps", "0", "--quiet", "-o", folder + "/x.rank"], check=True)
    ours = time.perf_counter() - begin

lower, upper = (int(n) for n in arguments.ranks.split(".."))
ranks, seconds, iterations = [], [], []
for rank in (int(n) for n in arguments.sample.split(",")):
    poisson = arguments.loss == "poisson"
    model = NMF(rank, init="nndsvda", solver="mu" if poisson else "cd",
                beta_loss="kullback-leibler" if poisson else "frobenius", random_state=0)
    begin = time.perf_counter()
    model.fit_transform(x)
    seconds.append(time.perf_counter() - begin)
    ranks.append(rank)
    iterations.append(model.n_iter_)
survey = 5 * np.interp(np.arange(lower, upper + 1), ranks, seconds).sum()
print(f"nnmf rank {ours:.1f} s; scikit-learn {survey:.1f} s "
      f"(one fit at r = {ranks}: {[round(s, 2) for s in seconds]} s, {iterations} iterations); "
      f"ratio {survey / ours:.1f}")
