/* budget.c - the one sentence for every plan that does not fit. */
#include "plan/budget.h"

uint64_t mcl_budget_most(const mcl_device *device, uint64_t budget) {
  uint64_t has = device->info.memory;
  return budget && budget < has ? budget : has;
}

int mcl_budget_check(const mcl_device *device, const char *what, uint64_t need, uint64_t most,
                     const char *by, motcl_err *err) {
  char needed[24], given[24];
  if (need <= most)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EFIT,
                  "%s needs %s on %s and may take %s%s%s; use a smaller size, a larger %s or "
                  "another device",
                  what, mcl_amount(needed, need, true), device->info.name,
                  mcl_amount(given, most, false), by ? " within " : "", by ? by : "",
                  by ? "limit" : "budget");
}
