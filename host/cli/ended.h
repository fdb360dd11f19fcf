/* ended.h - where an OpenCL runtime ends this program, which it does without asking: LLVM calls exit where
 * it cannot write what it compiles, C++ and PoCL abort where they get no memory. */
#ifndef MCL_CLI_ENDED_H
#define MCL_CLI_ENDED_H

#include "cli/env.h"
#include "cli/outcome.h"

/** From now on whatever ends the program before main does is followed by a sentence, and by the outcome
 * where one is wanted and memory is not what lacks. Both are borrowed, until mcl_ended_by_main. */
void mcl_ended_watch(const mcl_env *env, mcl_outcome *outcome);

/** Once more for abort alone: LLVM takes its signal for itself when PoCL is first given a program, and
 * again after an interrupt. Whenever a call of OpenCL may have done so. */
void mcl_ended_watch_abort(void);

/** It is main that ends it. */
void mcl_ended_by_main(void);

#endif
