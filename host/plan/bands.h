/* bands.h - pictures in bands: where a tensor of a picture passes the device's largest buffer, all
 * tensors of its size lie in bands of whole pixel rows, and ops over pictures run band by band.
 *
 * A band has MCL_BAND_MARGIN pixel rows of room above and below. Before a convolution the rows of
 * its neighbours are copied there, so that it reads one stretch of memory; what it computes for
 * margin rows is rubbish, lands in margins and is never read. Every pixel is computed as it would
 * be whole, so bands change no byte. */
#ifndef MCL_PLAN_BANDS_H
#define MCL_PLAN_BANDS_H

#include "plan/types.h"

#define MCL_BAND_MARGIN 2u

/** How many bands the step's pictures lie in: 1 if they are whole. */
uint32_t mcl_bands_of_step(const mcl_plan *p, const mcl_step *s);

/** Which band of its pictures a call of the step is about. */
uint32_t mcl_bands_index(const mcl_plan *p, const mcl_step *s, uint32_t chunk);

/** Rows of a tensor, margins included, that its band has; all of them for a whole one. */
uint64_t mcl_bands_rows(const mcl_plan *p, mcl_tid t, uint32_t band);

/** Bands of a tensor. */
uint32_t mcl_bands_count(const mcl_plan *p, mcl_tid t);

/** Rows [*first, *first + result) of a tensor lie in this band, from row *at of the band on. */
uint32_t mcl_bands_range(const mcl_plan *p, mcl_tid t, uint32_t band, uint32_t *first,
                         uint32_t *at);

/** Cut a step's call, made for whole pictures, to call `chunk` of those that its bands take. */
void mcl_bands_call(const mcl_plan *p, const mcl_step *s, uint32_t chunk, mcl_call *call);

/** A copy between neighbouring bands of a step's input, in rows of the bands. */
typedef struct mcl_halo {
  uint32_t from_band, from, to_band, to, rows;
} mcl_halo;

/**
 * Copies that must be made before a step runs.
 *
 * i  0, 1, ... until the result is false
 */
bool mcl_bands_halo(const mcl_plan *p, const mcl_step *s, uint32_t i, mcl_halo *out);

#endif
