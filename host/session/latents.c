/* latents.c - rows of the latent state, moved on the device. */
#include "session/latents.h"

#include <string.h>

#include "base/mem.h"
#include "drivers/watchdog.h"

static size_t row_bytes(const mcl_latents *s) {
  return s->cols * sizeof(float);
}

static mcl_device *device_of(const mcl_latents *s) {
  return mcl_residency_device(s->residency);
}

uint64_t mcl_latents_bytes(const mcl_latents *s, uint32_t rows) {
  return (uint64_t)2 * rows * row_bytes(s);
}

void mcl_latents_init(mcl_latents *s, mcl_residency *r, uint32_t cols) {
  memset(s, 0, sizeof *s);
  s->residency = r;
  s->cols = cols;
}

static void free_buffers(mcl_latents *s) {
  mcl_residency_give_back(s->residency, s->state, s->rows * row_bytes(s));
  mcl_residency_give_back(s->residency, s->shadow, s->rows * row_bytes(s));
  mcl_residency_pin(s->residency, 0, mcl_latents_bytes(s, s->rows));
  s->state = s->shadow = NULL;
  s->rows = 0;
  s->version++;
}

void mcl_latents_finish(mcl_latents *s) {
  free_buffers(s);
  mcl_free(s->range);
  memset(s, 0, sizeof *s);
}

void mcl_latents_trim(mcl_latents *s) {
  if (!s->count)
    free_buffers(s);
}

static int copy_rows(mcl_latents *s, mcl_buffer *from, uint32_t from_row, mcl_buffer *to,
                     uint32_t to_row, uint32_t rows, motcl_err *err) {
  mcl_device *dev = device_of(s);
  return rows ? dev->driver->copy(dev, from, from_row * row_bytes(s), to, to_row * row_bytes(s),
                                  rows * row_bytes(s), err)
              : MOTCL_OK;
}

static uint32_t end_of(const mcl_latents *s) {
  uint32_t end = 0;
  for (size_t i = 0; i < s->count; i++)
    end += s->range[i].rows;
  return end;
}

/* One more than the highest row of a picture: beyond end_of where a move failed. */
static uint32_t top_of(const mcl_latents *s) {
  uint32_t top = 0;
  for (size_t i = 0; i < s->count; i++)
    if (*s->range[i].first + s->range[i].rows > top)
      top = *s->range[i].first + s->range[i].rows;
  return top;
}

int mcl_latents_grow(mcl_latents *s, uint32_t rows, motcl_err *err) {
  mcl_device *dev = device_of(s);
  size_t bytes = rows * row_bytes(s);
  mcl_buffer *state = NULL, *shadow = NULL;
  if (rows <= s->rows)
    return MOTCL_OK;
  int rc = mcl_residency_take(s->residency, &state, bytes, MCL_READ_WRITE, NULL, bytes, err);
  if (rc == MOTCL_OK)
    rc = mcl_residency_take(s->residency, &shadow, bytes, MCL_READ_WRITE, NULL, bytes, err);
  if (rc == MOTCL_OK)
    rc = copy_rows(s, s->state, 0, state, 0, top_of(s), err);
  if (rc == MOTCL_OK)
    rc = mcl_device_finish(dev, NULL, NULL, err);
  if (rc != MOTCL_OK) {
    mcl_residency_give_back(s->residency, state, bytes);
    mcl_residency_give_back(s->residency, shadow, bytes);
    return rc;
  }
  free_buffers(s);
  s->state = state;
  s->shadow = shadow;
  s->rows = rows;
  mcl_residency_pin(s->residency, mcl_latents_bytes(s, rows), 0);
  return MOTCL_OK;
}

int mcl_latents_write(mcl_latents *s, uint32_t first, uint32_t rows, const float *x,
                      motcl_err *err) {
  mcl_device *dev = device_of(s);
  if (first > s->rows || rows > s->rows - first)
    return mcl_fail(err, MOTCL_EINTERNAL, "rows %u+%u of the latents: there are %u", first, rows,
                    s->rows);
  return mcl_device_write(dev, s->state, first * row_bytes(s), x, rows * row_bytes(s), NULL, err);
}

int mcl_latents_read(const mcl_latents *s, uint32_t first, uint32_t rows, float *x,
                     motcl_err *err) {
  mcl_device *dev = device_of(s);
  return mcl_device_read(dev, s->state, first * row_bytes(s), x, rows * row_bytes(s), NULL, err);
}

/* Lay the rows out in the order of the list, which may have changed: by the shadow, since the
 * ranges may overlap. */
static int lay_out(mcl_latents *s, motcl_err *err) {
  uint32_t at = 0, end = end_of(s);
  bool moved = false;
  int rc = MOTCL_OK;
  for (size_t i = 0; i < s->count && rc == MOTCL_OK; i++) {
    moved = moved || *s->range[i].first != at;
    at += s->range[i].rows;
  }
  if (!moved)
    return MOTCL_OK;
  at = 0;
  for (size_t i = 0; i < s->count && rc == MOTCL_OK; i++) {
    rc = copy_rows(s, s->state, *s->range[i].first, s->shadow, at, s->range[i].rows, err);
    at += s->range[i].rows;
  }
  if (rc == MOTCL_OK)
    rc = copy_rows(s, s->shadow, 0, s->state, 0, end, err);
  at = 0;
  for (size_t i = 0; i < s->count && rc == MOTCL_OK; i++) {
    *s->range[i].first = at;
    at += s->range[i].rows;
  }
  return rc;
}

int mcl_latents_alloc(mcl_latents *s, uint32_t rows, const float *latent, uint32_t *first,
                      motcl_err *err) {
  void *p = s->range;
  uint32_t at = end_of(s);
  if (!mcl_grow(&p, &s->cap, s->count, sizeof *s->range))
    return mcl_fail_nomem(err, sizeof *s->range);
  s->range = p;
  int rc = lay_out(s, err); /* nothing moves, unless a move failed */
  if (rc == MOTCL_OK)
    rc = mcl_latents_write(s, at, rows, latent, err);
  if (rc != MOTCL_OK)
    return rc;
  s->range[s->count++] = (mcl_latent_range){rows, first};
  *first = at;
  return MOTCL_OK;
}

static size_t find(const mcl_latents *s, const uint32_t *first) {
  size_t i = 0;
  while (i < s->count && s->range[i].first != first)
    i++;
  return i;
}

int mcl_latents_free(mcl_latents *s, const uint32_t *first, motcl_err *err) {
  size_t i = find(s, first);
  if (i == s->count)
    return MOTCL_OK;
  memmove(&s->range[i], &s->range[i + 1], (s->count - i - 1) * sizeof *s->range);
  s->count--;
  return lay_out(s, err);
}

int mcl_latents_order(mcl_latents *s, const uint32_t *const *first, size_t n, motcl_err *err) {
  for (size_t i = 0; i < n; i++) {
    size_t at = find(s, first[i]);
    if (at == s->count)
      return mcl_fail(err, MOTCL_EINTERNAL, "a picture that has no rows moves");
    mcl_latent_range range = s->range[at];
    memmove(&s->range[i + 1], &s->range[i], (at - i) * sizeof *s->range);
    s->range[i] = range;
  }
  return lay_out(s, err);
}

int mcl_latents_save(mcl_latents *s, uint32_t rows, motcl_err *err) {
  return copy_rows(s, s->state, 0, s->shadow, 0, rows, err);
}

int mcl_latents_restore(mcl_latents *s, uint32_t rows, motcl_err *err) {
  return copy_rows(s, s->shadow, 0, s->state, 0, rows, err);
}
