"""Runs one rival on one problem, in a process of its own.

    python rivals.py RIVAL X.npy|X.npz W.npy H.npy LOSS SECONDS THREADS

Prints a JSON line for each snapshot: iterations, seconds of fitting (without loading, copying and
evaluation), the objective that `problems.objective` finds, and the peak resident memory in MB of
the process as the fit ended, with X. A rival is stopped by time, never by its own tolerance.
"""
import json
import resource
import sys
import time

import numpy as np
import scipy.sparse as sp

from problems import objective


class Done(Exception):
    """The time is over."""


def hooked(owner, name, every, factors, fit, limit):
    """Runs fit(); `every` calls of owner.name make one iteration.

    Keeps (iterations, seconds, W, H) at times that grow by 10 %; copying is not timed.
    """
    original, kept = getattr(owner, name), []
    calls, skipped, due, begin = 0, 0.0, 0.0, time.perf_counter()

    def hook(*arguments, **options):
        nonlocal calls, skipped, due
        result = original(*arguments, **options)
        now, calls = time.perf_counter(), calls + 1
        seconds = now - begin - skipped
        if calls % every == 0 and seconds >= min(due, limit):
            kept.append((calls // every, seconds, *map(np.array, factors(arguments, result))))
            due = seconds * 1.1
            skipped += time.perf_counter() - now
            if seconds >= limit:
                raise Done
        return result

    setattr(owner, name, hook)
    try:
        fit()
    except Done:
        pass
    return kept


def run_sklearn(solver, x, w, h, loss, limit):
    import sklearn.decomposition._nmf as module
    beta = "frobenius" if loss == "frobenius" else "kullback-leibler"

    def fit():
        module.non_negative_factorization(
            x, W=w, H=h, n_components=w.shape[1], init="custom", solver=solver, beta_loss=beta,
            max_iter=10**8, tol=0)
    if solver == "mu":
        return hooked(module, "_multiplicative_update_h", 1, lambda a, new: (a[1], new), fit, limit)
    # The second call of an iteration is the transposed problem: (X.T, H.T, W).
    return hooked(
        module, "_update_coordinate_descent", 2, lambda a, _: (a[2], a[1].T), fit, limit)


def run_torchnmf(x, w, h, loss, limit, threads):
    import torch
    import torchnmf.nmf as module
    torch.set_num_threads(threads)
    net = module.NMF(W=torch.tensor(np.ascontiguousarray(h.T)), H=torch.tensor(w))  # X ~ H Wᵀ
    if sp.issparse(x):
        v = torch.sparse_coo_tensor(np.vstack(x.nonzero()), x.data, x.shape).coalesce()
    else:
        v = torch.tensor(x)
    name = "_sp_double_backward_update" if v.is_sparse else "_double_backward_update"
    return hooked(
        module, name, 2, lambda *_: (net.H.detach().numpy(), net.W.detach().numpy().T),
        lambda: net.fit(v, beta=2 if loss == "frobenius" else 1, tol=-1e30, max_iter=10**8), limit)


def main():
    rival, x_path, w_path, h_path, loss, limit, threads = sys.argv[1:]
    x = sp.load_npz(x_path) if x_path.endswith(".npz") else np.load(x_path)
    w, h = np.load(w_path), np.load(h_path)
    if rival == "torchnmf":
        kept = run_torchnmf(x, w, h, loss, float(limit), int(threads))
    else:
        kept = run_sklearn(rival.removeprefix("scikit-learn ").lower(), x, w, h, loss, float(limit))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for iterations, seconds, w, h in kept:
        print(json.dumps(dict(iterations=iterations, seconds=seconds, memory=memory,
                              objective=objective(x, w, h, loss))), flush=True)


if __name__ == "__main__":
    main()
