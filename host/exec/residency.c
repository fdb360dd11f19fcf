/* residency.c - a device's budget, and what gives way when memory is wanted. */
#include "exec/residency.h"

#include "base/host_memory.h"
#include "base/mem.h"
#include "drivers/watchdog.h"
#include "plan/budget.h"

/* What a process is left of each kind beside its buffers. OpenCL's compilers take most of it, PoCL's
 * 130 MB at its worst; without a compiler it is the pictures on their way. */
#define MB ((uint64_t)1 << 20)
static const mcl_memory_use spare[2] = {{{32 * MB, 32 * MB, 32 * MB}},
                                        {{160 * MB, 160 * MB, 160 * MB}}};

/*
 * given   the user's budget, or the device's memory
 * budget  that, or what limits of the process leave of it
 * limit   the one that does, or NULL
 * base    what the process had before there were buffers
 * left    pages to leave to other processes
 * idle    a ring through the list's own node: next is the least recently used
 */
struct mcl_residency {
  mcl_device *device;
  uint64_t given, budget, used, pinned, left;
  const char *limit;
  mcl_memory_use base;
  unsigned owners, runs;
  mcl_evictable idle;
};

int mcl_residency_create(mcl_residency **out, mcl_device *dev, uint64_t budget, motcl_err *err) {
  mcl_residency *r = mcl_zalloc(1, sizeof *r);
  if (!r)
    return mcl_fail_nomem(err, sizeof *r);
  r->device = dev;
  r->given = mcl_budget_most(dev, budget);
  r->base = mcl_memory_used("");
  r->owners = 1;
  r->idle.prev = r->idle.next = &r->idle;
  (void)mcl_residency_ask(r);
  *out = r;
  return MOTCL_OK;
}

mcl_residency *mcl_residency_ref(mcl_residency *r) {
  r->owners++;
  return r;
}

mcl_device *mcl_residency_unref(mcl_residency *r) {
  if (!r || --r->owners)
    return NULL;
  mcl_device *dev = r->device;
  mcl_free(r);
  return dev;
}

bool mcl_residency_shared(const mcl_residency *r) {
  return r->owners > 1;
}

mcl_device *mcl_residency_device(const mcl_residency *r) {
  return r->device;
}

uint64_t mcl_residency_ask(mcl_residency *r) {
  const uint64_t before = r->budget;
  mcl_memory_room room = {UINT64_MAX, NULL};
  mcl_memory_use beside = spare[r->device->driver->note != NULL];
  beside.bytes[MCL_MEMORY_PAGES] += r->left;
  if (r->device->info.host_memory)
    room = mcl_memory_left("", &r->base, &beside, r->used);
  r->limit = room.bytes < r->given ? room.by : NULL;
  r->budget = r->limit ? room.bytes : r->given;
  return before;
}

void mcl_residency_leave(mcl_residency *r, uint64_t bytes) {
  r->left = bytes;
}

void mcl_residency_keep(mcl_residency *r, uint64_t budget) {
  r->budget = budget > r->budget ? budget : r->budget;
}

uint64_t mcl_residency_budget(const mcl_residency *r) {
  return r->budget;
}

const char *mcl_residency_limit(const mcl_residency *r) {
  return r->limit;
}

uint64_t mcl_residency_used(const mcl_residency *r) {
  return r->used;
}

uint64_t mcl_residency_pinned(const mcl_residency *r) {
  return r->pinned;
}

void mcl_residency_pin(mcl_residency *r, uint64_t more, uint64_t less) {
  r->pinned = r->pinned + more - less;
}

unsigned mcl_residency_runs(const mcl_residency *r) {
  return r->runs;
}

void mcl_residency_count_runs(mcl_residency *r, unsigned more, unsigned less) {
  r->runs = r->runs + more - less;
}

void mcl_residency_busy(mcl_residency *r, mcl_evictable *e) {
  (void)r;
  if (!e->next)
    return;
  e->prev->next = e->next;
  e->next->prev = e->prev;
  e->prev = e->next = NULL;
}

void mcl_residency_idle(mcl_residency *r, mcl_evictable *e) {
  mcl_residency_busy(r, e);
  e->next = &r->idle;
  e->prev = r->idle.prev;
  e->prev->next = e;
  r->idle.prev = e;
}

bool mcl_residency_evict_one(mcl_residency *r) {
  mcl_evictable *e = r->idle.next;
  if (e == &r->idle)
    return false;
  mcl_residency_busy(r, e);
  e->evict(e);
  return true;
}

static int no_room(const mcl_residency *r, size_t bytes, motcl_err *err) {
  char need[24], have[24];
  uint64_t left = r->budget > r->used ? r->budget - r->used : 0;
  return mcl_fail(err, MOTCL_EFIT,
                  "%s more are needed on %s and %s are left%s%s; use a smaller size, a larger %s "
                  "or another device",
                  mcl_amount(need, bytes, true), r->device->info.name,
                  mcl_amount(have, left, false), r->limit ? " within " : "",
                  r->limit ? r->limit : "", r->limit ? "limit" : "budget");
}

int mcl_residency_take(mcl_residency *r, mcl_buffer **buf, size_t bytes, mcl_access access,
                       const void *host, size_t counted, motcl_err *err) {
  int rc;
  while (counted > r->budget || r->used > r->budget - counted)
    if (!mcl_residency_evict_one(r))
      return no_room(r, bytes, err);
  /* a device may have less than it says: what is idle gives way then too */
  do
    rc = mcl_device_create(r->device, buf, bytes, access, host, err);
  while (rc == MOTCL_EDEVMEM && mcl_residency_evict_one(r));
  if (rc == MOTCL_OK)
    r->used += counted;
  return rc;
}

void mcl_residency_give_back(mcl_residency *r, mcl_buffer *buf, size_t counted) {
  if (!buf)
    return;
  r->device->driver->destroy(r->device, buf);
  r->used -= counted;
}
