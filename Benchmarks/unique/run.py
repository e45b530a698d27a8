"""What `nnmf unique` costs beside one fit of the same data.

Usage: python run.py NNMF DATA RANK [LOSS] [SHARE]

Fits DATA before and after an examination with 20 starts. SHARE is the share of the usual limits of
iterations (2,000 for a fit, 5,000 for each start of the examination) that both may use, 1 by default;
as fixed work weighs more with fewer iterations, a small share overstates the ratio of fits that reach
their limit.
"""
import os
import resource
import subprocess
import sys
import tempfile
import time

program, data, rank = sys.argv[1:4]
loss = sys.argv[4] if len(sys.argv) > 4 else "poisson"
share = float(sys.argv[5]) if len(sys.argv) > 5 else 1.0


def seconds(command, iterations, output):
    """Wall and processor seconds of one call."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(
        [program, command, data, "-r", rank, "--loss", loss, "--max-iter", str(max(1, round(iterations * share))),
         "--quiet", "--force", "-o", output], check=True, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


with tempfile.TemporaryDirectory() as folder:
    fit = os.path.join(folder, "fit")
    first = seconds("fit", 2000, fit)
    examination = seconds("unique", 5000, os.path.join(folder, "unique"))
    last = seconds("fit", 2000, fit)
for place, name in enumerate(("wall", "processor")):
    one = (first[place] + last[place]) / 2
    print(f"{name:9} fit {first[place]:8.2f} and {last[place]:8.2f} s   unique {examination[place]:9.2f} s   "
          f"ratio {examination[place] / one:.1f}")
