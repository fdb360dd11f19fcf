/* clock.h - the time: since some fixed moment, for spans, and of day, for messages to others. */
#ifndef MCL_BASE_CLOCK_H
#define MCL_BASE_CLOCK_H

#include <stdint.h>

/** Seconds from some fixed moment, which no one sets back. Any thread. */
double mcl_clock(void);

/** Seconds since mcl_clock gave `began`; never negative, whatever the machine does. Any thread. */
double mcl_clock_since(double began);

/** Milliseconds since 1970-01-01 00:00 UTC, as far as this machine knows; it may jump. Any thread.
 */
uint64_t mcl_clock_utc(void);

#endif
