/* list.h - the checks by op, and cases made from numbers. */
#ifndef MCL_TESTS_LIST_H
#define MCL_TESTS_LIST_H

#include "checkcl.h"

/** The check of an op. */
const check_op *check_get(mcl_op op);

/** Make case `index` of an op in arrangement `form`; false if memory ran out. Give back with
 * check_case_finish, also after a failure. */
bool check_make(check_case *c, const check_run *run, mcl_op op, unsigned index, unsigned form);

#endif
