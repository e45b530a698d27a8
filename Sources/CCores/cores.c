#define _GNU_SOURCE
#include "CCores.h"

#if defined(__GLIBC__)
#include <sched.h>

int create_thread_apart(pthread_t *thread, int place, void *(*run)(void *), void *argument) {
  cpu_set_t allowed, one;
  pthread_attr_t attributes;
  int core = sched_getcpu();
  if (core < 0 || sched_getaffinity(0, sizeof allowed, &allowed) || place >= CPU_COUNT(&allowed) ||
      pthread_attr_init(&attributes))
    return pthread_create(thread, 0, run, argument);
  for (int left = place; left > 0; left -= CPU_ISSET(core, &allowed) != 0)
    core = (core + 1) % CPU_SETSIZE;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  int status = pthread_attr_setaffinity_np(&attributes, sizeof one, &one);
  if (!status) status = pthread_create(thread, &attributes, run, argument);
  pthread_attr_destroy(&attributes);
  if (status) return pthread_create(thread, 0, run, argument);
  pthread_setaffinity_np(*thread, sizeof allowed, &allowed);
  return 0;
}
#else
int create_thread_apart(pthread_t *thread, int place, void *(*run)(void *), void *argument) {
  (void)place;
  return pthread_create(thread, 0, run, argument);
}
#endif
