/* pattern.h - names of files with letters for what differs from picture to picture: fox-%s.png. */
#ifndef MCL_CLI_JOBS_PATTERN_H
#define MCL_CLI_JOBS_PATTERN_H

#include "motcl.h"

/**
 * Letters stand behind a % in the name itself; a % in the folder before it is one.
 *
 * %s  the seed
 * %n  the number of the picture, from 1
 * %%  a %
 *
 * Returns MOTCL_EINVAL, with this list, for any other.
 */
int mcl_pattern_check(const char *pattern, motcl_err *err);

/** Whether a checked pattern has %s or %n. */
bool mcl_pattern_varies(const char *pattern);

/** The name that a checked pattern makes, up to a NUL at name[cap - 1]; false if it was cut. */
bool mcl_pattern_fill(char *name, size_t cap, const char *pattern, uint64_t seed, uint64_t number);

#endif
