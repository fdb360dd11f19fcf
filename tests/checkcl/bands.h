/* bands.h - pictures cut into bands of pixel rows, as a plan cuts them (driver.h, `part`;
 * plan/bands.h). */
#ifndef MCL_TESTS_BANDS_H
#define MCL_TESTS_BANDS_H

#include "device.h"

/**
 * Cut CONV, UP_CONV or UPSAMPLE to rows [begin, end) of the input picture.
 *
 * band   out: borrows what `base` holds; its output stands where the whole's rows are
 * begin  a multiple of the stride
 * first  out: the band's first output row (not pixel row) that the whole has too
 * rows   out: how many; may be 0
 *
 * Returns false if no window fits into such a band.
 */
bool check_band(check_case *band, const check_case *base, uint32_t begin, uint32_t end,
                uint32_t *first, uint32_t *rows);

/** GROUP_NORM in bands of MCL_NORM_BLOCK pixels: gathered, then applied. As check_compute. */
bool check_compute_parts(check_image *image, mcl_device *dev, const mcl_variant *v,
                         const check_case *base, char *why, size_t n);

#endif
