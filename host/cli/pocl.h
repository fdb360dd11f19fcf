/* pocl.h - a folder for PoCL, the OpenCL runtime that uses the CPU. It keeps in it what it has compiled,
 * and takes it for granted that it can: where the folder cannot be made it has no device, where
 * the disk is full its compiler ends the process, and whatever it finds there it runs. */
#ifndef MCL_CLI_POCL_H
#define MCL_CLI_POCL_H

#include "cli/env.h"
#include "cli/jobs/terminal.h"

/**
 * Name PoCL's folder to it, by POCL_CACHE_DIR: the one that it would take, or, where that can be written
 * to by others, or not by us, or has no room, one of this user's among temporary files. If that does
 * not do either, one that cannot be, so that PoCL has no device and the library says why.
 *
 * Before the first call of OpenCL. Of a folder that others can write to a line is said.
 */
void mcl_pocl_settle(const mcl_env *env, mcl_terminal *terminal);

#endif
