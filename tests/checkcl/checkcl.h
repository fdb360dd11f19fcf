/* checkcl.h - checks of drivers: random cases of every op, computed by each variant of a device and
 * by ref, compared within bounds; and row invariance, byte for byte. One generator an op, one list
 * (the ops'). main.c is the program, tests/unit/checkcl_harness.c checks the checks. */
#ifndef MCL_TESTS_CHECKCL_H
#define MCL_TESTS_CHECKCL_H

#include <stdio.h>

#include "drivers/driver.h"

/**
 * An operand and the memory around it. Elements outside of the operand are canaries: NaN for
 * floats, -1 for integers, so that a kernel that uses them shows it.
 */
typedef struct check_tensor {
  mcl_operand op; /* buf is NULL */
  size_t count;   /* elements in data */
  unsigned char *data;
} check_tensor;

/** One call to check. */
typedef struct check_case {
  mcl_call call;                                           /* op, attr, h, w and base */
  check_tensor in[MCL_OP_INPUTS], wt[MCL_OP_WEIGHTS], out; /* absent: data NULL */
  double nrms, worst; /* bounds against ref (compare.h); both 0: equal bytes */
  bool part;          /* of a node: what it leaves alone is written by another call */
  uint32_t *row_of;   /* output row r here is row row_of[r] of form 0; NULL: the same rows */
  double flops;
  char text[160]; /* its parameters, for messages */
  bool failed;    /* memory ran out while it was made */
} check_case;

/** What a generator makes a case from. */
typedef struct check_gen {
  uint64_t values; /* random state of what is computed: the same in every form */
  uint64_t layout; /* random state of where things stand */
  unsigned index;  /* of the case, from 0 */
  unsigned form;   /* of the arrangement, from 0 */
  bool quick;      /* tiny sizes, for slow tools */
} check_gen;

typedef enum check_bands { CHECK_NO_BANDS, CHECK_BANDS_CUT, CHECK_BANDS_GATHERED } check_bands;

/**
 * How an op is checked.
 *
 * nrms, worst  bounds against ref; 0, 0 for ops that only move numbers or round once
 * cases        how many cases, enough to meet every size of its lists
 * forms        arrangements of a case whose rows give the same bytes; at least 1
 * sliced       bit i: input i is cut with the output's rows; 0: rows cannot be cut
 * make         fill in the case; unset fields are 0
 * bands        how pictures are cut into bands of pixel rows (bands.h)
 */
typedef struct check_op {
  double nrms, worst;
  unsigned cases, forms, sliced;
  void (*make)(check_case *c, check_gen *g);
  check_bands bands;
} check_op;

/* The bounds of contract.md: nrms against ref, which accumulates in double. The largest difference
 * is counted against the larger of the element and its row's rms: ten times the nrms. */
#define CHECK_NRMS 2e-6
#define CHECK_WORST 2e-5

/* One check for each op of the list: an op without one does not link. */
#define CHECK_DECLARE(id, name, in, weights, out, flags) extern const check_op check_op_##id;
MCL_OPS(CHECK_DECLARE)
#undef CHECK_DECLARE

/* gen.c: random numbers, tensors and values. */

/** What values a case has; cases take turns. */
typedef enum check_kind { CHECK_ORDINARY, CHECK_NEAR_ZERO, CHECK_LARGE, CHECK_MIXED } check_kind;

/** The kind of case `g->index`; over four neighbouring cases each kind occurs. */
check_kind check_kind_of(const check_gen *g);

/** A random number below n (n > 0). */
uint32_t check_below(uint64_t *state, uint32_t n);

/** About normal, mean 0, deviation 1. */
double check_normal(uint64_t *state);

/** A member of a list; with CHECK_PICK the list's length is counted. */
uint32_t check_pick(uint64_t *state, const uint32_t *list, size_t n);
#define CHECK_PICK(state, list) check_pick((state), (list), sizeof(list) / sizeof *(list))

/** Rows and columns of case g->index: over ten neighbouring cases every number of rows occurs. */
uint32_t check_rows(const check_gen *g);
uint32_t check_cols(check_gen *g);

/** Make room for rows x cols at a random place of a larger buffer, canaries all around. */
void check_place(check_case *c, check_gen *g, check_tensor *t, mcl_type type, uint32_t rows,
                 uint32_t cols);

/** As check_place for a weight: rows follow each other; the type takes turns over cases. */
void check_place_weight(check_case *c, check_gen *g, check_tensor *t, uint32_t rows, uint32_t cols);

/** Fill an operand with `scale` times values of a kind, plus `add`. */
void check_fill(check_gen *g, check_tensor *t, check_kind kind, double scale, double add);

/** check_place, then check_fill with values of the case's kind. */
void check_input(check_case *c, check_gen *g, check_tensor *t, uint32_t rows, uint32_t cols);

/** A weight or a bias: check_place_weight, then ordinary values. */
void check_weight(check_case *c, check_gen *g, check_tensor *t, uint32_t rows, uint32_t cols,
                  double scale, double add);

/** Where element (r, 0) of an operand stands; NULL if the case failed. */
float *check_row(const check_tensor *t, uint32_t r);
int32_t *check_ids(const check_tensor *t, uint32_t r);

/** Turn over every bit of an operand, not of what is around it; twice is back. */
void check_flip(check_tensor *t);

/** Give back what a case holds. */
void check_case_finish(check_case *c);

/* run.c: cases on devices. */

/** Calls are made on `dev` and, for what is right, on `ref`. Zeroed but for these two: defaults. */
typedef struct check_run {
  mcl_device *dev, *ref;
  uint64_t seed;
  const char *variant; /* only the variant of that name; NULL: all */
  long only;           /* this case alone, counted from 1; 0: all */
  bool quick, verbose;
  FILE *out;
  unsigned line, passed, failed, skipped; /* counted here */
} check_run;

/** Check every variant of an op; one TAP line each. Counts in *run. */
void check_op_run(check_run *run, mcl_op op);

/** Time every variant of an op on the same cases, and print a line each. */
void check_op_bench(check_run *run, mcl_op op);

#endif
