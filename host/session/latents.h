/* latents.h - the latent state: rows on the device for pictures in the making, and behind them for
 * clean latents on their way into the cache. It survives every plan; executors have it bound. */
#ifndef MCL_SESSION_LATENTS_H
#define MCL_SESSION_LATENTS_H

#include "exec/residency.h"

/** Rows of a picture in the making. */
typedef struct mcl_latent_range {
  uint32_t rows;
  uint32_t *first; /* the owner's, kept up to date: its first row */
} mcl_latent_range;

/**
 * The state. Members are for reading.
 *
 * state    f32[rows, cols]; shadow: the same again, for moving rows and for taking steps back
 * range    [count] in the order of their rows, which begin at 0
 * version  another one whenever `state` is another buffer: then bind it anew
 */
typedef struct mcl_latents {
  mcl_residency *residency;
  mcl_buffer *state, *shadow;
  uint32_t rows, cols;
  mcl_latent_range *range;
  size_t count, cap;
  unsigned version;
} mcl_latents;

/** A state without rows, of `cols` columns; takes no device memory yet. */
void mcl_latents_init(mcl_latents *s, mcl_residency *r, uint32_t cols);
void mcl_latents_finish(mcl_latents *s);

/** Let it have at least so many rows; content stays, on the device, also where it fails. */
int mcl_latents_grow(mcl_latents *s, uint32_t rows, motcl_err *err);

/** Give the device's memory back if there are no pictures. */
void mcl_latents_trim(mcl_latents *s);

/** Bytes of so many rows. */
uint64_t mcl_latents_bytes(const mcl_latents *s, uint32_t rows);

/**
 * Rows for a picture in the making, and their first content f32[rows, cols].
 *
 * first  where its first row is, until given back
 */
int mcl_latents_alloc(mcl_latents *s, uint32_t rows, const float *latent, uint32_t *first,
                      motcl_err *err);

/** Give the rows back; `first` as given to mcl_latents_alloc. Those after them move down. */
int mcl_latents_free(mcl_latents *s, const uint32_t *first, motcl_err *err);

/** Let these pictures have the first rows, in this order. first: [n], as given to
 * mcl_latents_alloc. */
int mcl_latents_order(mcl_latents *s, const uint32_t *const *first, size_t n, motcl_err *err);

/** Remember rows [0, rows) on the device, and put back what was remembered. */
int mcl_latents_save(mcl_latents *s, uint32_t rows, motcl_err *err);
int mcl_latents_restore(mcl_latents *s, uint32_t rows, motcl_err *err);

/** Copy latents to or from the device: f32[rows, cols]. */
int mcl_latents_write(mcl_latents *s, uint32_t first, uint32_t rows, const float *x,
                      motcl_err *err);
int mcl_latents_read(const mcl_latents *s, uint32_t first, uint32_t rows, float *x, motcl_err *err);

#endif
