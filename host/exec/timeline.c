/* timeline.c - two clocks, and commands as spans of a trace. */
#include "exec/timeline.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/trace.h"
#include "drivers/watchdog.h"
#include "plan/cost.h"

#define LONG_TIME 1e9   /* seconds: what is queued is waited for, however long it takes */
#define MOST (1u << 16) /* commands of a run that events are kept of */
#define SHORT 1e6       /* nanoseconds between moments that say nothing of the clocks' rates */

int mcl_moment_take(mcl_device *dev, mcl_moment *out, motcl_err *err) {
  const mcl_driver *drv = dev->driver;
  const mcl_order mark = {.queue = MCL_QUEUE_COMPUTE, .wants = true};
  mcl_event *event = NULL;
  mcl_times times = {0};
  bool done = false;
  int rc = dev->hangs ? mcl_fail(err, MOTCL_ELOST, "%s hangs", dev->info.name)
                      : mcl_device_finish(dev, NULL, NULL, err);
  double before = mcl_clock();
  if (rc == MOTCL_OK)
    rc = drv->begin(dev, &mark, err);
  if (rc == MOTCL_OK)
    rc = drv->end(dev, &event, err);
  if (rc == MOTCL_OK)
    rc = drv->wait(dev, event, LONG_TIME, &done, err);
  double after = mcl_clock();
  if (rc == MOTCL_OK)
    rc = drv->times(dev, event, &times, err);
  drv->release(dev, event);
  *out = (mcl_moment){(before + after) / 2, (after - before) / 2, times.end};
  return rc;
}

static double between(uint64_t from, uint64_t to) {
  return to >= from ? (double)(to - from) : -(double)(from - to);
}

double mcl_moment_place(const mcl_moment *a, const mcl_moment *b, uint64_t device) {
  double span = between(a->device, b->device), rate = 1e-9;
  if (span > SHORT && b->host > a->host)
    rate = (b->host - a->host) / span;
  return a->host + rate * between(a->device, device);
}

int mcl_timeline_begin(mcl_timeline *t, mcl_device *dev, motcl_err *err) {
  t->count = 0;
  t->left = 0;
  t->began = mcl_clock();
  return mcl_moment_take(dev, &t->first, err);
}

void mcl_timeline_add(mcl_timeline *t, mcl_device *dev, const mcl_command *c, const mcl_call *call,
                      mcl_event *event) {
  void *p = t->list;
  if (!event || t->count >= MOST || !mcl_grow(&p, &t->cap, t->count, sizeof *t->list)) {
    dev->driver->release(dev, event);
    t->left++;
    return;
  }
  t->list = p;
  t->list[t->count++] = (mcl_traced){c, *call, event};
}

static void write_kernel(const mcl_traced *x, mcl_device *dev, const mcl_plan *plan, double began,
                         double ended, double queued) {
  static const char *const experts[] = {"shared", "und", "gen"};
  const mcl_node *n = &x->command->step->node;
  mcl_cost cost = mcl_call_cost(&x->call);
  const mcl_trace_arg arg[] = {
      {"layer", NULL, n->layer},
      {"expert", experts[n->expert], 0},
      {"tensor", mcl_graph_tensor_at(plan->graph, n->out)->name, 0},
      {"kernel", x->command->variant->name, 0},
      {"rows", NULL, x->call.out.rows},
      {"flops", NULL, cost.flops},
      {"bytes", NULL, cost.weight_bytes + cost.activation_bytes},
      {"queued_us", NULL, queued},
  };
  mcl_trace_span(dev->trace, dev->track, "kernel", mcl_op_get(n->op)->name, began, ended, arg,
                 sizeof arg / sizeof *arg);
}

static void write_copy(const mcl_traced *x, mcl_device *dev, const mcl_plan *plan, double began,
                       double ended) {
  const mcl_node *n = &x->command->step->node;
  const mcl_operand *o = &x->call.out;
  const mcl_trace_arg arg[] = {
      {"direction", "device", 0},
      {"bytes", NULL, (double)o->rows * o->cols * (double)mcl_type_size(o->type)},
      {"tensor", mcl_graph_tensor_at(plan->graph, n->in[0])->name, 0}};
  mcl_trace_span(dev->trace, dev->track, "transfer", "rows of neighbours", began, ended, arg, 3);
}

void mcl_timeline_end(mcl_timeline *t, mcl_device *dev, const mcl_plan *plan, int rc) {
  mcl_moment last;
  bool placed = mcl_moment_take(dev, &last, NULL) == MOTCL_OK;
  double ended = mcl_clock(); /* writing the spans is no part of the pass */
  for (size_t i = 0; i < t->count; i++) {
    const mcl_traced *x = &t->list[i];
    mcl_times at;
    if (placed && dev->driver->times(dev, x->event, &at, NULL) == MOTCL_OK) {
      double began = mcl_moment_place(&t->first, &last, at.start);
      double done = mcl_moment_place(&t->first, &last, at.end);
      if (x->command->variant)
        write_kernel(x, dev, plan, began, done, 1e-3 * between(at.queued, at.start));
      else
        write_copy(x, dev, plan, began, done);
    } else {
      t->left++;
    }
    dev->driver->release(dev, x->event);
  }
  double error = placed && last.error > t->first.error ? last.error : t->first.error;
  const mcl_trace_arg arg[] = {{"commands", NULL, (double)t->count},
                               {"left_out", NULL, (double)t->left},
                               {"clock_error_us", NULL, 1e6 * error},
                               {"result", motcl_status_name(rc), 0}};
  mcl_trace_span(dev->trace, MCL_TRACE_HOST, "pass", mcl_graph_name(plan->graph), t->began, ended,
                 arg, sizeof arg / sizeof *arg);
  t->count = 0;
}

void mcl_timeline_finish(mcl_timeline *t) {
  mcl_free(t->list);
  *t = (mcl_timeline){0};
}

void mcl_timeline_move(mcl_device *dev, mcl_event *event, const mcl_moment *at, bool up,
                       const char *what, size_t bytes) {
  const mcl_trace_arg arg[] = {{"direction", up ? "up" : "down", 0},
                               {"bytes", NULL, (double)bytes},
                               {"clock_error_us", NULL, 1e6 * at->error}};
  mcl_times t;
  if (dev->driver->times(dev, event, &t, NULL) == MOTCL_OK)
    mcl_trace_span(dev->trace, dev->track, "transfer", what, mcl_moment_place(at, at, t.start),
                   mcl_moment_place(at, at, t.end), arg, sizeof arg / sizeof *arg);
  dev->driver->release(dev, event);
}
