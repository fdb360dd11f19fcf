/* worker.c - motcl_worker: calls that enter the library's allocator and log and leave them. */
#include "api/worker.h"

#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "session/request.h"

_Static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "signal handlers may cancel");

#define TRACE_BYTES ((size_t)256 << 20)

static int open_worker(motcl_worker *w, const motcl_worker_options *o, motcl_err *err) {
  motcl *m = w->library;
  if (o->use && !(w->use = mcl_strdup(o->use)))
    return mcl_fail_nomem(err, 1);
  if (o->trace && o->beside)
    return mcl_fail(err, MOTCL_EINVAL,
                    "a trace is its device's: give it to the worker that opens the device");
  if (!o->cl_context != !o->cl_device)
    return mcl_fail(err, MOTCL_EINVAL, "an OpenCL context goes with a device of it: give both");
  if (o->cl_context && (o->threads || o->beside))
    return mcl_fail(err, MOTCL_EINVAL,
                    "a device of the program's own is used as it is: divide or share it before");
  if (o->trace && !(w->trace = mcl_trace_create(TRACE_BYTES)))
    return mcl_fail_nomem(err, 4096);
  w->tell_trace = o->trace;
  w->trace_user = o->trace_user;
  mcl_worker_options inner = {
      .model = o->model,
      .device = o->device,
      .devices = &m->found,
      .beside = o->beside ? o->beside->worker : NULL,
      .own = o->cl_device,
      .open = {.cache_dir = m->cache_dir,
               .kernel_dir = m->kernel_dir,
               .context = o->cl_context,
               .units = o->threads,
               .max_buffer = o->max_buffer,
               .trace = w->trace,
               .stall = o->limits.stall},
      .limits = o->limits,
      .plan = {.memory = o->memory,
               .chunk_rows = o->chunk_rows,
               .allow_slow = o->allow_slow,
               .use = w->use,
               .unfused = o->unfused},
  };
  int rc = mcl_library_find_devices(m, err);
  if (rc == MOTCL_OK)
    rc = mcl_worker_open(&w->worker, &inner, err);
  if (rc == MOTCL_OK) {
    const mcl_device *d = mcl_worker_device(w->worker);
    w->device = mcl_device_describe(d->driver, &d->info);
    mcl_log_message(MOTCL_LOG_INFO, "on %s by the driver %s", w->device.name, w->device.driver);
  }
  return rc;
}

/* The members that the program knows, by its `size`; the others are zero. Those up to `size` it always
 * knows. */
static motcl_worker_options known_of(const motcl_worker_options *o) {
  motcl_worker_options all = {.size = o->size};
  const size_t first = offsetof(motcl_worker_options, limits);
  memcpy(&all, o, o->size > first ? o->size : first);
  return all;
}

int motcl_worker_open(motcl_worker **out, motcl *m, const motcl_worker_options *o, motcl_err *err) {
  if (!o || !o->model || !*o->model)
    return mcl_fail(err, MOTCL_EINVAL, "no model was named; give its folder");
  int known = mcl_options_check(o->size, sizeof *o, err);
  if (known != MOTCL_OK)
    return known;
  const motcl_worker_options all = known_of(o);
  known = mcl_reserved_check(all.limits.reserved,
                             sizeof all.limits.reserved / sizeof *all.limits.reserved, err);
  if (known != MOTCL_OK)
    return known;
  mcl_scope before = mcl_enter(m);
  motcl_worker *w = mcl_zalloc(1, sizeof *w);
  int rc = MOTCL_OK;
  if (w) {
    atomic_init(&w->cancelled, false);
    w->library = m;
    rc = open_worker(w, &all, err);
  } else {
    rc = mcl_fail_nomem(err, sizeof *w);
  }
  if (rc == MOTCL_OK)
    *out = w;
  else
    motcl_worker_close(w);
  mcl_leave(before);
  return rc;
}

void motcl_worker_close(motcl_worker *w) {
  if (!w || (w->worker && mcl_worker_forked(w->worker)))
    return;
  mcl_scope before = mcl_enter(w->library);
  mcl_worker_close(w->worker);
  if (w->trace) {
    size_t n;
    const char *json = mcl_trace_text(w->trace, &n);
    w->tell_trace(w->trace_user, json, n);
    mcl_trace_stop(w->trace); /* the device lives on if another worker stands beside */
  }
  mcl_trace_destroy(w->trace);
  mcl_free(w->use);
  mcl_free(w);
  mcl_leave(before);
}

const motcl_device *motcl_worker_device(const motcl_worker *w) {
  return &w->device;
}

const char *motcl_worker_fingerprint(const motcl_worker *w) {
  return mcl_worker_fingerprint(w->worker);
}

int motcl_worker_model(motcl_worker *w, const char **name, const char **digest, motcl_err *err) {
  mcl_scope before = mcl_enter(w->library);
  int rc = mcl_worker_model_name(w->worker, name, digest, err);
  mcl_leave(before);
  return rc;
}

const char *motcl_worker_protocol(const motcl_worker *w) {
  return mcl_worker_protocol(w->worker);
}

static int fit_by(const mcl_model *m, const mcl_protocol *p, uint32_t width, uint32_t height,
                  motcl_fit *fit, motcl_err *err) {
  mcl_resize_rule rule, vit;
  uint32_t x, y;
  int rc = mcl_protocol_rules(p, &m->config, &rule, &vit, err);
  if (rc == MOTCL_OK)
    rc = mcl_resize_size(&rule, width, height, &x, &y, err);
  if (rc == MOTCL_OK)
    *fit = (motcl_fit){x, y, rule.longest, rule.shortest, rule.stride, rule.max_pixels};
  return rc;
}

int motcl_worker_fit(const motcl_worker *w, uint32_t width, uint32_t height, motcl_fit *fit,
                     motcl_err *err) {
  const mcl_model *m = mcl_worker_model(w->worker);
  return fit_by(m, m->protocol, width, height, fit, err);
}

int motcl_worker_fit_by(const motcl_worker *w, const char *protocol, uint32_t width,
                        uint32_t height, motcl_fit *fit, motcl_err *err) {
  mcl_protocol *p = NULL;
  if (!protocol)
    return motcl_worker_fit(w, width, height, fit, err);
  int rc = mcl_protocol_open(&p, protocol, err);
  if (rc == MOTCL_OK)
    rc = fit_by(mcl_worker_model(w->worker), p, width, height, fit, err);
  mcl_protocol_close(p);
  return rc;
}

bool mcl_worker_cancelled(void *user) {
  motcl_worker *w = user;
  return atomic_load(&w->cancelled);
}

void motcl_worker_cancel(motcl_worker *w) {
  atomic_store(&w->cancelled, true);
}

int motcl_worker_run(motcl_worker *w, const motcl_request *request, const motcl_sink *sink,
                     size_t n, motcl_err *err) {
  if (!n)
    return mcl_fail(err, MOTCL_EINVAL, "there is no request to work on");
  mcl_scope before = mcl_enter(w->library);
  int rc = mcl_worker_run(w->worker, request, sink, n, mcl_worker_cancelled, w, err);
  mcl_leave(before);
  atomic_store(&w->cancelled, false);
  return rc;
}
