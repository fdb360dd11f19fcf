/* worker.h - a worker as its calls see it. */
#ifndef MCL_API_WORKER_H
#define MCL_API_WORKER_H

#include <stdatomic.h>

#include "api/library.h"
#include "job/worker.h"

/**
 * cancelled  set by motcl_worker_cancel, cleared where a call ends; the only member that several
 *            threads may touch at once
 */
struct motcl_worker {
  motcl *library;
  mcl_worker *worker;
  char *use;
  motcl_device device;
  atomic_bool cancelled;
};

/** For loops: whether the worker, given as `user`, was cancelled. */
bool mcl_worker_cancelled(void *user);

#endif
