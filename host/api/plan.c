/* plan.c - motcl_worker_plan, motcl_worker_estimate, motcl_worker_build and motcl_worker_store_kernels:
 * what comes before a run. */
#include "api/worker.h"
#include "base/err.h"
#include "job/plans.h"

/* Where the plans go. */
typedef struct asked {
  const motcl_worker *worker;
  uint8_t *bytes;
  size_t n;
} asked;

static int pack(void *user, const mcl_worker_plan *plan, size_t n, const motcl_estimate *estimate,
                motcl_err *err) {
  asked *a = user;
  return mcl_plans_pack(&a->worker->device, mcl_worker_fingerprint(a->worker->worker), plan, n,
                        estimate, &a->bytes, &a->n, err);
}

int motcl_worker_plan(motcl_worker *w, const motcl_request *request, size_t n, uint8_t **bytes,
                      size_t *size, motcl_err *err) {
  asked a = {.worker = w};
  if (!n)
    return mcl_fail(err, MOTCL_EINVAL, "there is no request to plan");
  mcl_scope before = mcl_enter(w->library);
  int rc = mcl_worker_dry_run(w->worker, request, n, pack, &a, err);
  mcl_leave(before);
  if (rc != MOTCL_OK)
    return rc;
  *bytes = a.bytes;
  *size = a.n;
  return MOTCL_OK;
}

static int keep(void *user, const mcl_worker_plan *plan, size_t n, const motcl_estimate *estimate,
                motcl_err *err) {
  (void)plan;
  (void)n;
  (void)err;
  *(motcl_estimate *)user = *estimate;
  return MOTCL_OK;
}

int motcl_worker_estimate(motcl_worker *w, const motcl_request *request, size_t n,
                          motcl_estimate *estimate, motcl_err *err) {
  if (!n)
    return mcl_fail(err, MOTCL_EINVAL, "there is no request to plan");
  mcl_scope before = mcl_enter(w->library);
  int rc = mcl_worker_dry_run(w->worker, request, n, keep, estimate, err);
  mcl_leave(before);
  return rc;
}

int motcl_worker_build(motcl_worker *w, const motcl_request *request, double from,
                       const motcl_sink *sink, motcl_err *err) {
  if (!(from >= 0 && from < 1))
    return mcl_fail(err, MOTCL_EINVAL, "building begins at a share from 0 to below 1, not at %g",
                    from);
  mcl_scope before = mcl_enter(w->library);
  int rc = mcl_worker_build(w->worker, request, from, sink, mcl_worker_cancelled, w, err);
  mcl_leave(before);
  atomic_store(&w->cancelled, false);
  return rc;
}

int motcl_worker_store_kernels(motcl_worker *w, motcl_err *err) {
  mcl_scope before = mcl_enter(w->library);
  int rc = mcl_worker_store_kernels(w->worker, err);
  mcl_leave(before);
  return rc;
}
