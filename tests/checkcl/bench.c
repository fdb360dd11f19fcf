/* bench.c - times the cases of the checks: median of several calls after a first one. */
#include <stdlib.h>
#include <time.h>

#include "device.h"
#include "drivers/registry.h"
#include "list.h"

#define CALLS 7
#define ENOUGH 0.5 /* seconds for one case */

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Median seconds of a call, or a negative number if it fails. */
static double median(mcl_device *dev, const mcl_variant *v, const check_case *c) {
  double took[CALLS], begin = now();
  check_bound b;
  int n = 0, rc = check_bind(&b, dev, v, c, NULL);
  if (rc == MOTCL_OK)
    rc = check_call(&b, NULL);
  while (rc == MOTCL_OK && n < CALLS && (n == 0 || now() - begin < ENOUGH)) {
    double t = now();
    rc = check_call(&b, NULL);
    took[n++] = now() - t;
  }
  check_unbind(&b);
  if (rc != MOTCL_OK)
    return -1;
  qsort(took, (size_t)n, sizeof *took, by_size);
  return took[n / 2];
}

/* Bytes of the operands, each touched once. */
static double bytes(const check_case *c) {
  double sum = 0;
  for (int i = 0; i < CHECK_OPERANDS; i++) {
    const check_tensor *t = check_operand(c, i);
    if (t->data)
      sum += (double)t->op.rows * t->op.cols * (double)mcl_type_size(t->op.type);
  }
  return sum;
}

static void bench_case(check_run *run, mcl_op op, unsigned index, const check_case *c) {
  const mcl_variant *def = mcl_device_variant(run->ref, op, 0), *v;
  double ref = median(run->ref, def, c);
  for (size_t i = 0; (v = mcl_device_variant(run->dev, op, i)); i++) {
    if ((run->variant && strcmp(run->variant, v->name) != 0) || !check_accepts(run->dev, v, c))
      continue;
    double t = median(run->dev, v, c);
    if (t < 0) {
      run->failed++;
      fprintf(run->out, "%-26s case %2u failed\n", v->name, index + 1);
      continue;
    }
    fprintf(run->out, "%-26s case %2u %10.1f us %8.2f GB/s %8.2f GFLOP/s %8.1f x ref  %s\n",
            v->name, index + 1, t * 1e6, bytes(c) / t * 1e-9, c->flops / t * 1e-9, ref / t,
            c->text);
  }
  fflush(run->out);
}

void check_op_bench(check_run *run, mcl_op op) {
  for (unsigned i = 0; i < check_get(op)->cases; i++) {
    check_case c;
    if (run->only && run->only != (long)i + 1)
      continue;
    if (check_make(&c, run, op, i, 0))
      bench_case(run, op, i, &c);
    else
      run->failed++;
    check_case_finish(&c);
  }
}
