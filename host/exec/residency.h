/* residency.h - what an opened device holds: the bytes taken, against a budget, and idle things
 * that give way.
 *
 * Every buffer that lives longer than a call is made here, whoever owns it: resident weights
 * (weights.h), keys and values, and the memory of executors. What nobody is using stays on the
 * device as long as its memory is not wanted, least recently used first to go. */
#ifndef MCL_EXEC_RESIDENCY_H
#define MCL_EXEC_RESIDENCY_H

#include "drivers/driver.h"

/** Used by one thread at a time, as its device is. */
typedef struct mcl_residency mcl_residency;

/** Something that can be on the list of what is idle; a member of it. `evict` takes it off the
 * device, and off the list (mcl_residency_busy). */
typedef struct mcl_evictable {
  struct mcl_evictable *prev, *next;
  void (*evict)(struct mcl_evictable *self);
} mcl_evictable;

/**
 * Begin to count for a device.
 *
 * out     given back with mcl_residency_unref
 * dev     borrowed, until the last owner has it back
 * budget  most bytes to take; 0, or more than there is: the device's memory. Where that is the
 *         host's, the limits of the process hold too, with what it needs beside (base/host_memory.h)
 */
int mcl_residency_create(mcl_residency **out, mcl_device *dev, uint64_t budget, motcl_err *err);

/** One owner more: workers of several models may share a device and its budget. */
mcl_residency *mcl_residency_ref(mcl_residency *r);

/** One owner less; buffers and idle things are gone before the last. Returns the device to the last,
 * who closes it; else NULL. NULL is fine. */
mcl_device *mcl_residency_unref(mcl_residency *r);

/** Whether it has several owners. */
bool mcl_residency_shared(const mcl_residency *r);

mcl_device *mcl_residency_device(const mcl_residency *r);

/**
 * Look again at what the limits of the process leave: other processes may have taken of it since, or
 * given back. Before work, not during it.
 *
 * Returns the budget that was, for mcl_residency_keep: what was let in by it is not to fail by this.
 */
uint64_t mcl_residency_ask(mcl_residency *r);

/** Let the budget be at least so many bytes again. */
void mcl_residency_keep(mcl_residency *r, uint64_t budget);

/** From the next mcl_residency_ask on, leave so many bytes of host memory to other processes, which are
 * about to take them. */
void mcl_residency_leave(mcl_residency *r, uint64_t bytes);

/** Most bytes that may be taken, and the limit of the process that says so, or NULL. */
uint64_t mcl_residency_budget(const mcl_residency *r);
const char *mcl_residency_limit(const mcl_residency *r);

/** Bytes taken, idle ones included. Host memory that a device uses in place is not counted. */
uint64_t mcl_residency_used(const mcl_residency *r);

/** Bytes of what its owners hold fast, which no eviction gives back: so that others know what they
 * can have at most. Owners add and take away. */
uint64_t mcl_residency_pinned(const mcl_residency *r);
void mcl_residency_pin(mcl_residency *r, uint64_t more, uint64_t less);

/** Runs that are in, of all owners: as long as others have some, what they hold fast may come free.
 * Owners add and take away. */
unsigned mcl_residency_runs(const mcl_residency *r);
void mcl_residency_count_runs(mcl_residency *r, unsigned more, unsigned less);

/**
 * A buffer, in exchange for idle things if that is what it takes.
 *
 * buf      gets it; given back with mcl_residency_give_back
 * access, host  as a driver's create takes them
 * counted  bytes it is to count for: `bytes`, or 0 for a file's memory that is used in place
 *
 * Returns MOTCL_EFIT where the budget does not have it, or what the driver says: MOTCL_EDEVMEM, ...
 */
int mcl_residency_take(mcl_residency *r, mcl_buffer **buf, size_t bytes, mcl_access access,
                       const void *host, size_t counted, motcl_err *err);

/** Give a buffer back, with the bytes it counted for; NULL is fine. */
void mcl_residency_give_back(mcl_residency *r, mcl_buffer *buf, size_t counted);

/** Put something behind all else that is idle, or take it off that list; what is or is not there
 * already may stay so. */
void mcl_residency_idle(mcl_residency *r, mcl_evictable *e);
void mcl_residency_busy(mcl_residency *r, mcl_evictable *e);

/** Evict the least recently used idle thing; false if nothing is idle. */
bool mcl_residency_evict_one(mcl_residency *r);

#endif
