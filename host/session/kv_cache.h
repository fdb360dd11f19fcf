/* kv_cache.h - keys and values of a model's decoder on a device: one buffer of pages for K and one
 * for V of each layer, and who holds which page.
 *
 * The cache belongs to a device, a model, a precision and a page layout (float32; K pages hold
 * keys transposed, graph/ops.h), and its content survives any plan of that decoder: executors have
 * its buffers bound to them from outside. */
#ifndef MCL_SESSION_KV_CACHE_H
#define MCL_SESSION_KV_CACHE_H

#include "exec/residency.h"
#include "session/sequence.h"

/** Pages [0, pages) of K or of V of a layer. */
typedef struct mcl_kv_part {
  mcl_buffer *buf;
  uint32_t pages;
} mcl_kv_part;

/**
 * The cache. Members are for reading.
 *
 * pool     its pages; pool.capacity is what every part has at least
 * part     [parts]: K and V of layer 0, then of layer 1, ...
 * floats   of a page
 * version  another one whenever a buffer is another one: then bind them anew
 */
typedef struct mcl_kv_cache {
  mcl_kv_pool pool;
  mcl_residency *residency;
  mcl_kv_part *part;
  size_t parts, floats;
  unsigned version;
} mcl_kv_cache;

/** A cache without pages; takes no device memory yet. MOTCL_ENOMEM. */
int mcl_kv_cache_init(mcl_kv_cache *c, mcl_residency *r, uint32_t layers, size_t floats,
                      motcl_err *err);
void mcl_kv_cache_finish(mcl_kv_cache *c);

/**
 * Let it have at least so many pages. What is in use is copied on the device, a part at a time, so
 * that the most it takes beside its new size is the copy of one part.
 *
 * Returns MOTCL_EFIT, MOTCL_EDEVMEM, MOTCL_ENOMEM, ...: pages, content and capacity are as before.
 */
int mcl_kv_cache_grow(mcl_kv_cache *c, uint32_t pages, motcl_err *err);

/** Give the device's memory back if nobody holds a page. */
void mcl_kv_cache_trim(mcl_kv_cache *c);

/** Give back, as far as that works, what lies behind the last page that somebody holds. */
void mcl_kv_cache_shrink(mcl_kv_cache *c);

/** Bytes of so many pages, all parts together. */
uint64_t mcl_kv_cache_bytes(const mcl_kv_cache *c, uint32_t pages);

/** Copy a page of a part to the host: f32[floats]. */
int mcl_kv_cache_read(const mcl_kv_cache *c, size_t part, uint32_t page, float *out,
                      motcl_err *err);

#endif
