/* worker.h - a model on a device, working on requests: what a command runs on inside its process.
 */
#ifndef MCL_JOB_WORKER_H
#define MCL_JOB_WORKER_H

#include "drivers/registry.h"
#include "plan/fingerprint.h"
#include "session/session.h"

typedef struct mcl_worker mcl_worker;

/**
 * Settings of a worker. Zeroed is the default, but for the model and the devices. `plan.use` and
 * the folders of `open` are borrowed while the worker lives.
 *
 * model   folder
 * devices to choose from
 * device  what mcl_devices_pick takes; naming ref is leave for it to be slow
 * beside  a worker whose opened device and budget this one shares; `devices`, `device`, `open` and
 *         plan.memory then say nothing. NULL: it opens one of its own
 * own     a cl_device_id that is used in place of those, of which `device` then says the driver; NULL
 * open    program cache, kernel folder
 * plan    memory budget, chunks
 * limits  of what is taken; its stall is the device's to know, in `open`
 */
typedef struct mcl_worker_options {
  const char *model, *device;
  const mcl_device_list *devices;
  const mcl_worker *beside;
  void *own;
  mcl_device_options open;
  mcl_plan_options plan;
  motcl_limits limits;
} mcl_worker_options;

/**
 * Open model, tokenizer and device.
 *
 * out  closed with mcl_worker_close
 */
int mcl_worker_open(mcl_worker **out, const mcl_worker_options *o, motcl_err *err);
void mcl_worker_close(mcl_worker *w);

const mcl_model *mcl_worker_model(const mcl_worker *w);
const mcl_device *mcl_worker_device(const mcl_worker *w);

/** The fingerprint of all plans that requests last ran by; "" before. In mcl_worker_dry_run's visitor, of
 * those that are shown. */
const char *mcl_worker_fingerprint(const mcl_worker *w);

/** What people call the model, and the first 16 hexadecimal digits of its digest, which are made when
 * first asked for; the worker's. MOTCL_EIO, MOTCL_ENOMEM. */
int mcl_worker_model_name(mcl_worker *w, const char **name, const char **digest, motcl_err *err);

/** The protocol of its model, as settings name it; NULL: BAGEL's. */
const char *mcl_worker_protocol(const mcl_worker *w);

/** A plan that requests would run by: the decoder's first, then one for each picture taken in or
 * made. */
typedef struct mcl_worker_plan {
  const char *name; /* "decoder", "vision encoder", "autoencoder, decoding", ... */
  const mcl_plan *plan;
} mcl_worker_plan;

/** Shown the plans of requests, and what they take, before anything runs; borrowed for the call. */
typedef int (*mcl_worker_visitor)(void *user, const mcl_worker_plan *plan, size_t n,
                                  const motcl_estimate *estimate, motcl_err *err);

/**
 * Build the kernels that a request will launch, and do nothing else: its run finds them.
 *
 * from  as driver.h's build
 * sink  told of MOTCL_PHASE_BUILD; may be NULL. cancel: asked between two kernels; may be NULL
 *
 * Returns MOTCL_EFIT and others of mcl_scheduler_check, MOTCL_EBUILD for a kernel that does not
 * build, MOTCL_EINVAL inside a sink.
 */
int mcl_worker_build(mcl_worker *w, const motcl_request *request, double from,
                     const motcl_sink *sink, mcl_cancel_fn cancel, void *user, motcl_err *err);

/** Store the kernels built so far, also where that takes long. MOTCL_EIO; MOTCL_EINVAL inside a
 * sink. */
int mcl_worker_store_kernels(mcl_worker *w, motcl_err *err);

/** A dry run: plan requests as mcl_worker_run would, and show the plans. */
int mcl_worker_dry_run(mcl_worker *w, const motcl_request *request, size_t n,
                       mcl_worker_visitor visit, void *user, motcl_err *err);

/**
 * Do requests, side by side in shared passes where there is room for that; each is given what it
 * would be given alone, and ends by itself, also one that is refused.
 *
 * request  [n]
 * sink     [n], or NULL
 * cancel   may be NULL; asked between layers
 *
 * Returns how the first of them that failed did; MOTCL_EFIT for what does not fit,
 * MOTCL_ECANCELLED.
 */
int mcl_worker_run(mcl_worker *w, const motcl_request *request, const motcl_sink *sink, size_t n,
                   mcl_cancel_fn cancel, void *user, motcl_err *err);

/**
 * Whether nothing of the worker can be given back: in a child that was forked from who opened it, and
 * where its device hangs. What is closed then stays as it is, until the process ends.
 */
bool mcl_worker_out_of_reach(const mcl_worker *w);

/** The first of these. */
bool mcl_worker_forked(const mcl_worker *w);

/** Whether a sink is being called. */
bool mcl_worker_in_sink(const mcl_worker *w);

/** One step of all tasks that are in (session/scheduler.h); `busy`: whether any has not ended. */
int mcl_worker_step(mcl_worker *w, bool *busy, motcl_err *err);

#endif
