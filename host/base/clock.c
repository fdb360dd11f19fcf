/* clock.c - the two clocks. */
#include "base/clock.h"

#include <time.h>

double mcl_clock(void) {
  struct timespec t = {0, 0};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double mcl_clock_since(double began) {
  double now = mcl_clock();
  return now > began ? now - began : 0;
}

uint64_t mcl_clock_utc(void) {
  struct timespec t = {0, 0};
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec < 0 ? 0 : (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}
