/* Where threads begin: Swift's view of the C library has no calls for it on Linux. */
#pragma once

#include <pthread.h>

/* Creates a thread on the place-th core after that of the caller, among those the caller may use.

   Systems look for an idle core when a thread is created, and that of a thread that is just ending does not
   seem idle: the new one would share the caller's core for milliseconds. It may be moved from where it begins.
   Where nothing can be asked for, this is pthread_create. */
int create_thread_apart(pthread_t *_Nonnull thread, int place,
                        void *_Nullable (*_Nonnull run)(void *_Nullable), void *_Nullable argument);
