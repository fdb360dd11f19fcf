/* run.c - running a list of commands: what is queued, what is waited for, what is cut. */
#include "exec/run.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/trace.h"
#include "drivers/watchdog.h"
#include "exec/timeline.h"
#include "plan/cost.h"

/* Seconds by estimate. Waiting drains the queue, which takes some ten microseconds to fill again:
 * not worth it for less than WORTH. No more than MOST is ever queued without a wait, so that a
 * cancel is heard soon. */
#define WORTH 0.01
#define MOST 0.5

/* Waits from here on are looked into: a cancel is heard while they last. */
#define LOOK 0.05

/* Cut calls keep so many rows: below, reading weights takes longer than computing. */
#define FEWEST_ROWS 32u

/* Work is FLOPs and bytes in one number: a byte from memory takes as long as so many FLOPs. Only
 * its order of magnitude matters, and rates are measured in it. */
#define FLOPS_A_BYTE 4.0

static double work_of(const mcl_call *c) {
  mcl_cost cost = mcl_call_cost(c);
  return cost.flops + FLOPS_A_BYTE * (cost.weight_bytes + cost.activation_bytes);
}

/* Low, so that the first command of a slow device is cut small; the next go by what it took. */
static double rate_of(const mcl_runner *r) {
  const mcl_device_info *d = &r->device->info;
  double units = d->units ? d->units : 1;
  if (r->rate > 0)
    return r->rate;
  return d->kind == 'r' ? 2e8 : d->kind == 'c' ? 1e9 * units : 1e10 * units;
}

/* "linear of layer 12, gate, gen"; what has no layer is of its graph. */
static const char *print_name(const mcl_runner *r, const mcl_command *c, char out[128]) {
  const mcl_node *n = &c->step->node;
  const char *expert = n->expert == MCL_UND ? ", und" : n->expert == MCL_GEN ? ", gen" : "";
  char layer[24];
  snprintf(layer, sizeof layer, "layer %d", n->layer);
  snprintf(out, 128, "%s of %.40s, %.40s%s", c->variant ? mcl_op_get(n->op)->name : "copy for conv",
           n->layer < 0 ? mcl_graph_name(r->plan->graph) : layer,
           mcl_graph_tensor_at(r->plan->graph, n->out)->name, expert);
  return out;
}

/* A wait fails for one of the commands that were queued, and cannot tell for which. */
static int name_queued(const mcl_runner *r, int rc, motcl_err *err) {
  char first[128], last[128];
  if (!r->first)
    return rc;
  print_name(r, r->first, first);
  if (r->first == r->last)
    return mcl_err_prefix(err, rc, "%s", first);
  return mcl_err_prefix(err, rc, "%s, or what follows up to %s", first,
                        print_name(r, r->last, last));
}

static bool cancelled(mcl_cancel_fn cancel, void *user) {
  return cancel && cancel(user);
}

/* Wait for what is queued, and learn from what it took: half of the old rate, half of the new. */
static int wait_for_all(mcl_runner *r, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  double estimate = r->queued / rate_of(r), began = mcl_clock();
  int rc = mcl_device_finish(r->device, estimate >= LOOK ? cancel : NULL, user, err);
  double took = mcl_clock_since(r->began), rate = took > 0 ? r->queued / took : 0;
  if (r->first)
    mcl_trace_since(r->device->trace, MCL_TRACE_HOST, "wait", "queue", began, NULL, 0);
  if (estimate >= WORTH || took >= WORTH)
    r->rate = r->rate > 0 && rate > 0 ? (r->rate + rate) / 2 : rate;
  if (rc != MOTCL_OK) {
    if (!r->device->hangs)
      (void)r->device->driver->finish(r->device, NULL); /* what runs must not outlive its memory */
    rc = name_queued(r, rc, err);
  }
  r->queued = 0;
  r->first = NULL;
  return rc;
}

static int queue_call(mcl_device *dev, const mcl_command *c, const mcl_call *call, motcl_err *err) {
  const mcl_operand *from = &call->in[0], *to = &call->out;
  if (c->variant)
    return c->variant->enqueue(dev, call, err);
  return dev->driver->copy(dev, from->buf, mcl_type_bytes(from->type, from->offset), to->buf,
                           mcl_type_bytes(to->type, to->offset),
                           from->rows * mcl_type_bytes(from->type, from->cols), err);
}

/* The same with an event that will have times. */
static int queue_traced(mcl_runner *r, const mcl_command *c, const mcl_call *call, motcl_err *err) {
  const mcl_driver *drv = r->device->driver;
  const mcl_order order = {.queue = MCL_QUEUE_COMPUTE, .wants = true};
  mcl_event *event = NULL;
  int rc = drv->begin(r->device, &order, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = queue_call(r->device, c, call, err);
  int end = drv->end(r->device, &event, rc == MOTCL_OK ? err : NULL);
  mcl_timeline_add(r->timeline, r->device, c, call, event);
  return rc != MOTCL_OK ? rc : end;
}

static int start_one(mcl_runner *r, const mcl_command *c, const mcl_call *call, double work,
                     motcl_err *err) {
  char name[128];
  if (!r->first) {
    r->began = mcl_clock();
    r->first = c;
  }
  r->queued += work;
  r->last = c;
  int rc = r->timeline ? queue_traced(r, c, call, err) : queue_call(r->device, c, call, err);
  return rc == MOTCL_OK ? rc : mcl_err_prefix(err, rc, "%s", print_name(r, c, name));
}

static void cut_operand(mcl_operand *o, uint32_t first, uint32_t rows) {
  o->offset += (uint64_t)first * o->stride;
  o->rows = o->buf ? rows : 0;
}

/* Rows [first, first + rows) of what a call gives, or of an attention's tiles. */
static mcl_call part_of(const mcl_call *whole, uint32_t first, uint32_t rows) {
  mcl_call c = *whole;
  if (c.op == MCL_OP_ATTENTION) {
    cut_operand(&c.in[6], first, rows);
    return c;
  }
  cut_operand(&c.out, first, rows);
  if (mcl_op_get(c.op)->flags & MCL_OP_PIXELS) {
    c.first += first;
    return c;
  }
  for (unsigned i = 0; i < MCL_OP_INPUTS; i++)
    cut_operand(&c.in[i], first, rows);
  return c;
}

/* How many units a call can be cut into, and of how many rows one is; 1 if it stays whole. */
static uint32_t units_of(const mcl_command *c, uint32_t *rows) {
  *rows = c->call.op == MCL_OP_ATTENTION ? MCL_TILE_ROWS : 1;
  if (!c->variant || c->variant->mixes)
    return 1;
  if (c->call.op == MCL_OP_ATTENTION)
    return c->call.in[6].rows;
  return mcl_op_get(c->call.op)->flags & (MCL_OP_ROWS | MCL_OP_PIXELS) ? c->call.out.rows : 1;
}

/* Units of the next part of what is left, by the rate as it is known now. */
static uint32_t next_part(const mcl_runner *r, double work, uint32_t left, uint32_t rows) {
  double parts = work / rate_of(r) / MOST;
  double n = parts > 1 ? left / parts : left;
  uint32_t fewest = FEWEST_ROWS / rows;
  uint32_t part = n < fewest ? fewest : (uint32_t)n;
  part -= part % fewest;
  return left - part < fewest || part > left ? left : part;
}

/* A call in as many parts as its estimate asks for. */
static int start(mcl_runner *r, const mcl_command *c, mcl_cancel_fn cancel, void *user,
                 motcl_err *err) {
  uint32_t rows, units = units_of(c, &rows), at = 0;
  double work = work_of(&c->call);
  int rc = MOTCL_OK;
  while (rc == MOTCL_OK && at < units) {
    uint32_t n = next_part(r, work * (units - at) / units, units - at, rows);
    if (at == 0 && n == units)
      return start_one(r, c, &c->call, work, err);
    if (at > 0)
      rc = wait_for_all(r, cancel, user, err);
    if (rc == MOTCL_OK && at > 0 && cancelled(cancel, user))
      rc = mcl_fail(err, MOTCL_ECANCELLED, "cancelled");
    mcl_call part = part_of(&c->call, at, n);
    if (rc == MOTCL_OK && c->variant->accepts && !c->variant->accepts(r->device, &part))
      return mcl_fail(err, MOTCL_EINTERNAL, "%s takes %u rows and not %u of them", c->variant->name,
                      units * rows, n * rows);
    if (rc == MOTCL_OK)
      rc = start_one(r, c, &part, work * n / units, err);
    at += n;
  }
  return rc;
}

/* Before a command: start what is queued, wait for it if that is worth it or the queue grows too
 * long, look whether to go on. */
static int pause(mcl_runner *r, const mcl_command *before, const mcl_command *c,
                 mcl_cancel_fn cancel, void *user, motcl_err *err) {
  const mcl_driver *drv = r->device->driver;
  int layer = c->step->node.layer;
  bool next_layer = !before || before->step->node.layer != layer;
  double rate = rate_of(r), seconds = r->queued / rate, more = work_of(&c->call) / rate;
  bool border = next_layer || layer < 0;
  bool waits = r->first && ((border && seconds >= WORTH) || seconds + more > MOST);
  int rc = MOTCL_OK;
  if (waits)
    rc = wait_for_all(r, cancel, user, err);
  else if (next_layer && drv->flush)
    rc = drv->flush(r->device, err);
  if (rc == MOTCL_OK && (border || waits) && cancelled(cancel, user))
    rc = mcl_fail(err, MOTCL_ECANCELLED, "cancelled");
  return rc;
}

static int run_list(mcl_runner *r, const mcl_command *list, size_t count, mcl_cancel_fn cancel,
                    void *user, motcl_err *err) {
  int rc = MOTCL_OK;
  r->queued = 0;
  r->first = NULL;
  for (size_t i = 0; i < count && rc == MOTCL_OK; i++) {
    rc = pause(r, i ? &list[i - 1] : NULL, &list[i], cancel, user, err);
    if (rc == MOTCL_OK)
      rc = start(r, &list[i], cancel, user, err);
  }
  int end = r->device->hangs ? rc : wait_for_all(r, cancel, user, rc == MOTCL_OK ? err : NULL);
  return rc != MOTCL_OK ? rc : end;
}

int mcl_runner_run(mcl_runner *r, const mcl_command *list, size_t count, mcl_cancel_fn cancel,
                   void *user, motcl_err *err) {
  mcl_timeline line = {0};
  if (!r->device->trace)
    return run_list(r, list, count, cancel, user, err);
  int rc = mcl_timeline_begin(&line, r->device, err);
  r->timeline = &line;
  if (rc == MOTCL_OK)
    rc = run_list(r, list, count, cancel, user, err);
  r->timeline = NULL;
  mcl_timeline_end(&line, r->device, r->plan, rc);
  mcl_timeline_finish(&line);
  return rc;
}
