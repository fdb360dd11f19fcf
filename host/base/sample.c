/* sample.c - the next token from logits. */
#include "base/sample.h"

#include <math.h>

#include "base/math.h"

enum { MANY = 16 }; /* tokens that are never alike by chance */

int mcl_sample_greedy(const float *logits, size_t n, int32_t *out, motcl_err *err) {
  if (n == 0 || n > INT32_MAX)
    return mcl_fail(err, MOTCL_EINVAL, "cannot choose among %zu tokens", n);
  size_t best = 0, same = 0;
  for (size_t i = 0; i < n; i++) {
    if (isnan(logits[i]) || (isinf(logits[i]) && logits[i] > 0))
      return mcl_fail(err, MOTCL_ENUMERIC, "the logit of token %zu is %s", i,
                      isnan(logits[i]) ? "NaN" : "infinity");
    if (logits[i] > logits[best])
      best = i;
    same += logits[i] == logits[0];
  }
  if (isinf(logits[best]))
    return mcl_fail(err, MOTCL_ENUMERIC, "all of the %zu tokens are ruled out", n);
  if (n >= MANY && same == n)
    return mcl_fail(err, MOTCL_ENUMERIC, "all of the %zu tokens have the same logit, %g", n,
                    (double)logits[0]);
  *out = (int32_t)best;
  return MOTCL_OK;
}

int mcl_temperature_check(double temperature, motcl_err *err) {
  if (temperature == 0 || (temperature >= 1e-3 && temperature <= 1e3))
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EINVAL,
                  "temperature %g cannot be used; give 0 for the most likely text, or from 0.001 "
                  "to 1000 (1 is the model's own)",
                  temperature);
}

int mcl_sample(mcl_rng *rng, const float *logits, size_t n, double temperature, int32_t *out,
               motcl_err *err) {
  int32_t best = 0;
  int rc = mcl_temperature_check(temperature, err);
  if (!rc)
    rc = mcl_sample_greedy(logits, n, &best, err);
  if (rc)
    return rc;
  if (temperature == 0) {
    *out = best;
    return MOTCL_OK;
  }
  double max = logits[best], sum = 0, run = 0;
  for (size_t i = 0; i < n; i++)
    sum += mcl_exp((logits[i] - max) / temperature);
  double goal = mcl_rng_uniform(rng) * sum;
  size_t chosen = (size_t)best;
  for (size_t i = 0; i < n; i++) {
    double w = mcl_exp((logits[i] - max) / temperature);
    run += w;
    if (w > 0)
      chosen = i;
    if (run > goal)
      break;
  }
  *out = (int32_t)chosen;
  return MOTCL_OK;
}
