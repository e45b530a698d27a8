"""What all cores together do against one alone, at the time of a measurement: what threads can be worth then."""
import statistics
import subprocess
import sys
import time

SECONDS = 0.1
ROUNDS = 11

# Products of matrices that lie in the cache, or reads of 64 MB, with one thread, whenever it is told to.
WORKER = f"""
import sys, time
import numpy as np
if sys.argv[1] == "products":
    a = np.ones((256, 256), np.float32)
    b = a.copy()
    def work(): np.dot(a, a, out=b)
else:
    a = np.ones(1 << 24, np.float32)
    def work(): a @ a
work()
print("ready", flush=True)
for line in sys.stdin:
    begin, count = float(line), 0
    while time.time() < begin: pass
    while time.time() < begin + {SECONDS}:
        work()
        count += 1
    print(count / (time.time() - begin), flush=True)
"""


def rate(workers):
    """Calls a second, of processes that begin together."""
    begin = time.time() + 0.01
    for worker in workers:
        worker.stdin.write(f"{begin}\n")
        worker.stdin.flush()
    return sum(float(worker.stdout.readline()) for worker in workers)


def worth(kind, processes, environment):
    """How many times the rate of one process so many have together: the median of some rounds, in turn."""
    workers = [subprocess.Popen([sys.executable, "-c", WORKER, kind], env=environment, text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
               for _ in range(processes)]
    for worker in workers:
        worker.stdout.readline()
    ratios = [rate(workers) / rate(workers[:1]) for _ in range(ROUNDS)]
    for worker in workers:
        worker.communicate()
    return statistics.median(ratios)
