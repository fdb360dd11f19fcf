/* kv_cache.c - the pages' memory: growing on the device, and giving it back. */
#include "session/kv_cache.h"

#include <string.h>

#include "base/mem.h"
#include "drivers/watchdog.h"

static size_t part_bytes(const mcl_kv_cache *c, uint32_t pages) {
  return c->floats * sizeof(float) * pages;
}

uint64_t mcl_kv_cache_bytes(const mcl_kv_cache *c, uint32_t pages) {
  return (uint64_t)c->parts * part_bytes(c, pages);
}

int mcl_kv_cache_init(mcl_kv_cache *c, mcl_residency *r, uint32_t layers, size_t floats,
                      motcl_err *err) {
  memset(c, 0, sizeof *c);
  c->part = mcl_zalloc((size_t)2 * layers, sizeof *c->part);
  if (!c->part)
    return mcl_fail_nomem(err, (size_t)2 * layers * sizeof *c->part);
  c->residency = r;
  c->parts = (size_t)2 * layers;
  c->floats = floats;
  return MOTCL_OK;
}

static void free_part(mcl_kv_cache *c, mcl_kv_part *p) {
  mcl_residency_give_back(c->residency, p->buf, part_bytes(c, p->pages));
  mcl_residency_pin(c->residency, 0, part_bytes(c, p->pages));
  *p = (mcl_kv_part){0};
  c->version++;
}

void mcl_kv_cache_finish(mcl_kv_cache *c) {
  for (size_t i = 0; i < c->parts; i++)
    free_part(c, &c->part[i]);
  mcl_free(c->part);
  mcl_kv_pool_finish(&c->pool);
  memset(c, 0, sizeof *c);
}

/* Another buffer of `pages` pages for a part, with the first `used` of them. */
static int resize_part(mcl_kv_cache *c, mcl_kv_part *p, uint32_t pages, uint32_t used,
                       motcl_err *err) {
  mcl_device *dev = mcl_residency_device(c->residency);
  size_t bytes = part_bytes(c, pages);
  mcl_buffer *buf = NULL;
  int rc = mcl_residency_take(c->residency, &buf, bytes, MCL_READ_WRITE, NULL, bytes, err);
  if (rc != MOTCL_OK)
    return rc;
  if (used)
    rc = dev->driver->copy(dev, p->buf, 0, buf, 0, part_bytes(c, used), err);
  if (rc == MOTCL_OK && used)
    rc = mcl_device_finish(dev, NULL, NULL, err);
  if (rc != MOTCL_OK) {
    mcl_residency_give_back(c->residency, buf, bytes);
    return rc;
  }
  free_part(c, p);
  *p = (mcl_kv_part){buf, pages};
  mcl_residency_pin(c->residency, bytes, 0);
  return MOTCL_OK;
}

int mcl_kv_cache_grow(mcl_kv_cache *c, uint32_t pages, motcl_err *err) {
  uint32_t was = c->pool.capacity, used = mcl_kv_pool_top(&c->pool);
  int rc = MOTCL_OK;
  size_t i = 0;
  if (pages <= was)
    return MOTCL_OK;
  for (; i < c->parts && rc == MOTCL_OK; i++)
    if (c->part[i].pages < pages)
      rc = resize_part(c, &c->part[i], pages, used, err);
  if (rc == MOTCL_OK)
    rc = mcl_kv_pool_grow(&c->pool, pages, err);
  if (rc == MOTCL_OK)
    return rc;
  /* parts that have grown shrink again, where there is room for that; a larger one does no harm */
  while (i-- > 0)
    if (c->part[i].pages > was) {
      if (was)
        (void)resize_part(c, &c->part[i], was, used, NULL);
      else
        free_part(c, &c->part[i]);
    }
  return rc;
}

void mcl_kv_cache_trim(mcl_kv_cache *c) {
  if (c->pool.free_count < c->pool.capacity)
    return;
  for (size_t i = 0; i < c->parts; i++)
    free_part(c, &c->part[i]);
  mcl_kv_pool_finish(&c->pool);
}

void mcl_kv_cache_shrink(mcl_kv_cache *c) {
  uint32_t top = mcl_kv_pool_top(&c->pool);
  if (!top)
    mcl_kv_cache_trim(c);
  if (!top || top == c->pool.capacity)
    return;
  mcl_kv_pool_shrink(&c->pool);
  for (size_t i = 0; i < c->parts; i++)
    if (c->part[i].pages > top) /* a larger one does no harm */
      (void)resize_part(c, &c->part[i], top, top, NULL);
}

int mcl_kv_cache_read(const mcl_kv_cache *c, size_t part, uint32_t page, float *out,
                      motcl_err *err) {
  mcl_device *dev = mcl_residency_device(c->residency);
  size_t bytes = part_bytes(c, 1);
  return mcl_device_read(dev, c->part[part].buf, page * bytes, out, bytes, NULL, err);
}
