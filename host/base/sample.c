/* sample.c - the next token from logits. */
#include "base/sample.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "base/math.h"
#include "base/mem.h"

enum { MANY = 16 }; /* tokens that are never alike by chance */

/* The lowest index of the largest. */
static int32_t largest(const float *logits, size_t n) {
  size_t best = 0;
  for (size_t i = 1; i < n; i++)
    if (logits[i] > logits[best])
      best = i;
  return (int32_t)best;
}

int mcl_sample_greedy(const float *logits, size_t n, int32_t *out, motcl_err *err) {
  if (n == 0 || n > INT32_MAX)
    return mcl_fail(err, MOTCL_EINVAL, "cannot choose among %zu tokens", n);
  size_t same = 0;
  for (size_t i = 0; i < n; i++) {
    if (isnan(logits[i]) || (isinf(logits[i]) && logits[i] > 0))
      return mcl_fail(err, MOTCL_ENUMERIC, "the logit of token %zu is %s", i,
                      isnan(logits[i]) ? "NaN" : "infinity");
    same += logits[i] == logits[0];
  }
  int32_t best = largest(logits, n);
  if (isinf(logits[best]))
    return mcl_fail(err, MOTCL_ENUMERIC, "all of the %zu tokens are ruled out", n);
  if (n >= MANY && same == n)
    return mcl_fail(err, MOTCL_ENUMERIC, "all of the %zu tokens have the same logit, %g", n,
                    (double)logits[0]);
  *out = best;
  return MOTCL_OK;
}

int mcl_sampling_check(const mcl_sampling *how, motcl_err *err) {
  double t = how->temperature, penalty = how->repeat_penalty;
  if (t != 0 && !(t >= 1e-3 && t <= 1e3))
    return mcl_fail(err, MOTCL_EINVAL,
                    "temperature %g cannot be used; give 0 for the most likely text, or from 0.001 "
                    "to 1000 (1 is the model's own)",
                    t);
  if (!(how->top_p >= 0 && how->top_p <= 1))
    return mcl_fail(err, MOTCL_EINVAL,
                    "top-p %g cannot be used; give from 0 to 1 (0 is all tokens)", how->top_p);
  if (!(how->min_p >= 0 && how->min_p <= 1))
    return mcl_fail(err, MOTCL_EINVAL,
                    "min-p %g cannot be used; give from 0 to 1 (0 is all tokens)", how->min_p);
  if (penalty != 0 && !(penalty >= 0.01 && penalty <= 100))
    return mcl_fail(err, MOTCL_EINVAL,
                    "a repeat penalty of %g cannot be used; give 0 for none, or from 0.01 to 100 "
                    "(above 1 repeats less)",
                    penalty);
  return MOTCL_OK;
}

static bool is_among(uint32_t id, const uint32_t *ids, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (ids[i] == id)
      return true;
  return false;
}

/* What is finite stays finite. */
static void penalize(float *logits, size_t n, const mcl_sampling *how) {
  double penalty = how->repeat_penalty;
  for (size_t i = 0; i < how->recents; i++) {
    uint32_t id = how->recent[i];
    if (id >= n || isinf(logits[id]) || is_among(id, how->recent, i))
      continue;
    double l = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
    logits[id] = (float)fmax(-FLT_MAX, fmin(FLT_MAX, l));
  }
}

/* Tokens by their logits, the largest first and equals by index: a heap of what is left, and behind it
 * what was taken, backwards. */
typedef struct ranking {
  const float *logits;
  uint32_t *id;
  size_t n, left;
} ranking;

static bool is_before(const float *logits, uint32_t a, uint32_t b) {
  return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
}

static void sink(ranking *r, size_t at) {
  uint32_t id = r->id[at];
  for (size_t child; (child = 2 * at + 1) < r->left; at = child) {
    child += child + 1 < r->left && is_before(r->logits, r->id[child + 1], r->id[child]);
    if (!is_before(r->logits, r->id[child], id))
      break;
    r->id[at] = r->id[child];
  }
  r->id[at] = id;
}

static int rank_begin(ranking *r, const float *logits, size_t n, motcl_err *err) {
  *r = (ranking){logits, mcl_alloc(n, sizeof *r->id), n, n};
  if (!r->id)
    return mcl_fail_nomem(err, n * sizeof *r->id);
  for (size_t i = 0; i < n; i++)
    r->id[i] = (uint32_t)i;
  for (size_t i = n / 2; i-- > 0;)
    sink(r, i);
  return MOTCL_OK;
}

/* The token of that place, which is at most one further than those asked for before. */
static uint32_t rank_at(ranking *r, size_t place) {
  if (place == r->n - r->left) {
    uint32_t first = r->id[0];
    r->id[0] = r->id[--r->left];
    sink(r, 0);
    r->id[r->left] = first;
  }
  return r->id[r->n - 1 - place];
}

static double weight(float logit, float max, double temperature) {
  return mcl_exp(((double)logit - max) / temperature);
}

static bool limits_count(const mcl_sampling *how, size_t n) {
  return how->top_k > 0 && how->top_k < n;
}

static bool limits_sum(const mcl_sampling *how) {
  return how->top_p > 0 && how->top_p < 1;
}

/* The last token, by rank, that top_k, top_p and min_p leave. */
static int find_last(uint32_t *last, const float *logits, size_t n, float max,
                     const mcl_sampling *how, motcl_err *err) {
  const bool by_k = limits_count(how, n);
  const bool by_p = limits_sum(how);
  const size_t most = by_k ? how->top_k : n;
  double all = 0, before = 0;
  ranking r;
  int rc = rank_begin(&r, logits, n, err);
  if (rc != MOTCL_OK)
    return rc;
  for (size_t i = 0; by_p && i < most; i++)
    all += weight(logits[by_k ? rank_at(&r, i) : i], max, how->temperature);
  for (size_t i = 0; i < most; i++) {
    uint32_t id = rank_at(&r, i);
    double w = weight(logits[id], max, how->temperature);
    if (i && ((by_p && before >= how->top_p * all) || w < how->min_p))
      break;
    before += w;
    *last = id;
  }
  mcl_free(r.id);
  return MOTCL_OK;
}

static int32_t draw(mcl_rng *rng, const float *logits, size_t n, size_t best, const uint32_t *last,
                    double temperature) {
  float max = logits[best];
  double sum = 0, run = 0;
  for (size_t i = 0; i < n; i++)
    if (!last || !is_before(logits, *last, (uint32_t)i))
      sum += weight(logits[i], max, temperature);
  double goal = mcl_rng_uniform(rng) * sum;
  size_t chosen = best;
  for (size_t i = 0; i < n; i++) {
    if (last && is_before(logits, *last, (uint32_t)i))
      continue;
    double w = weight(logits[i], max, temperature);
    run += w;
    if (w > 0)
      chosen = i;
    if (run > goal)
      break;
  }
  return (int32_t)chosen;
}

int mcl_sample(mcl_rng *rng, float *logits, size_t n, const mcl_sampling *how, int32_t *out,
               motcl_err *err) {
  const bool some = limits_count(how, n) || limits_sum(how) || how->min_p > 0;
  int32_t best = 0;
  uint32_t last = 0;
  int rc = mcl_sampling_check(how, err);
  if (!rc)
    rc = mcl_sample_greedy(logits, n, &best, err);
  if (rc)
    return rc;
  if (how->repeat_penalty != 0 && how->repeat_penalty != 1 && how->recents) {
    penalize(logits, n, how);
    best = largest(logits, n);
  }
  if (how->temperature == 0) {
    *out = best;
    return MOTCL_OK;
  }
  if (some && (rc = find_last(&last, logits, n, logits[best], how, err)) != MOTCL_OK)
    return rc;
  *out = draw(rng, logits, n, (size_t)best, some ? &last : NULL, how->temperature);
  return MOTCL_OK;
}
