/* compare.h - whether what a device computed is right: bounds, canaries, equal rows. */
#ifndef MCL_TESTS_COMPARE_H
#define MCL_TESTS_COMPARE_H

#include "checkcl.h"

/** How far two results are apart. */
typedef struct check_diff {
  double nrms;       /* rms(want - got) / rms(want) */
  double worst;      /* largest |want - got| / max(|want|, rms of its row, or of all if short) */
  uint32_t row, col; /* of `worst` */
} check_diff;

/**
 * Compare an operand that was computed with ref's.
 *
 * t         where the operand lies in its memory
 * want,got  the memory of both, t->count elements
 * nrms,worst  bounds; both 0: equal bytes. A number that is not finite must be the same in both.
 * d         out, filled in either way
 * why       char[n], out: what is wrong, when the result is false
 */
bool check_within(const check_tensor *t, const unsigned char *want, const unsigned char *got,
                  double nrms, double worst, check_diff *d, char *why, size_t n);

/** Everything outside of the operand is as it was in `before`. */
bool check_canaries(const check_tensor *t, const unsigned char *before, const unsigned char *got,
                    char *why, size_t n);

/** Row r of operand t in `got` has the bytes of row r0 of operand t0 in `want`. */
bool check_same_row(const check_tensor *t0, const unsigned char *want, uint32_t r0,
                    const check_tensor *t, const unsigned char *got, uint32_t r, char *why,
                    size_t n);

#endif
