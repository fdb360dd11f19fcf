/* tally.h - what the numbers of a stretch of memory are: NaN, infinite, all zero, all the same. */
#ifndef MCL_BASE_TALLY_H
#define MCL_BASE_TALLY_H

#include "base/num.h"

/**
 * Numbers met so far; zeroed: none.
 *
 * count           all of them
 * nans, infinite  of those, and `first` is the first of both, counted from 0
 * bits            number 0; differ: bits in which any differs from it; magnitude: bits that any has,
 *                 signs left out
 */
typedef struct mcl_tally {
  uint64_t count, nans, infinite, first;
  uint32_t bits, differ, magnitude;
} mcl_tally;

/** Add n numbers of type t (F32, BF16 or F16), at any byte address. */
void mcl_tally_add(mcl_tally *tally, const void *data, mcl_type t, size_t n);

/** Whether all are finite; whether all are 0 or -0; whether there are two or more, all the same. */
bool mcl_tally_finite(const mcl_tally *tally);
bool mcl_tally_zero(const mcl_tally *tally);
bool mcl_tally_constant(const mcl_tally *tally);

#endif
