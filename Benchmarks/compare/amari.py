"""The Amari error of scikit-learn's FastICA on the planted sources of Tests/NMFTests/FastICATests.swift.

Usage: python amari.py    (needs numpy and scikit-learn)
"""
import warnings

import numpy as np
from sklearn.decomposition import FastICA

MASK = (1 << 64) - 1


class SplitMix64:
    """The generator of the tests (Sources/_NMFTestSupport/PlantedProblem.swift)."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53


def planted(seed, n=1000, p=6):
    random = SplitMix64(seed)
    s = np.empty((n, 4))
    for i in range(n):
        s[i, 0] = random.uniform()
        s[i, 1] = (1 if random.uniform() < 0.5 else -1) * np.log(1 - random.uniform())
        s[i, 2] = -np.log(1 - random.uniform())
        s[i, 3] = (1 if random.uniform() < 0.5 else -1) + 0.5 * random.uniform()
    a = np.empty((4, p))
    for k in range(4):
        for j in range(p):
            a[k, j] = random.uniform() - 0.5
    return s, s @ a


def amari(s, found):
    c = np.abs(np.corrcoef(s.T, found.T)[:4, 4:])
    rows = (c.sum(1) / c.max(1) - 1).sum()
    columns = (c.sum(0) / c.max(0) - 1).sum()
    return (rows + columns) / (2 * 4 * 3)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    for fun in ("logcosh", "exp", "cube"):
        for algorithm in ("parallel", "deflation"):
            errors = []
            for seed in range(1, 21):
                s, x = planted(seed)
                model = FastICA(4, whiten="unit-variance", fun=fun, algorithm=algorithm, random_state=seed)
                errors.append(amari(s, model.fit_transform(x)))
            print(f"{fun:8} {algorithm:10} mean {np.mean(errors):.6f} largest {np.max(errors):.6f}")
