/* plan_rows.h - the steps of a plan added up by op, expert and variant. */
#ifndef MCL_CLI_PLAN_ROWS_H
#define MCL_CLI_PLAN_ROWS_H

#include "cli/print.h"
#include "plan/plan.h"

/**
 * Steps alike. Texts are static.
 *
 * weights, moved  bytes of weights, and of activations touched once
 */
typedef struct mcl_plan_row {
  const char *op, *expert, *variant, *numeric;
  size_t steps;
  double flops, weights, moved;
} mcl_plan_row;

typedef struct mcl_plan_rows {
  mcl_plan_row *row;
  size_t count, cap;
} mcl_plan_rows;

/** In the order of first occurrence; costs for the plan's largest batch, where every row of
 * attention sees every key there is room for. Give back with mcl_plan_rows_finish, also on
 * failure. */
int mcl_plan_rows_init(mcl_plan_rows *rows, const mcl_plan *plan, motcl_err *err);
void mcl_plan_rows_finish(mcl_plan_rows *rows);

#endif
