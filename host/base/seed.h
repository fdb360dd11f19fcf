/* seed.h - bits that nobody can foretell. */
#ifndef MCL_BASE_SEED_H
#define MCL_BASE_SEED_H

#include <stdbool.h>
#include <stddef.h>

/** Fill n bytes with such bits; false, with any bytes in `out`, where the system gives none. Any thread. */
bool mcl_random(void *out, size_t n);

#endif
