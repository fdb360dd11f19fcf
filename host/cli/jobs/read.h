/* read.h - files that are read in, stdin among them. */
#ifndef MCL_CLI_JOBS_READ_H
#define MCL_CLI_JOBS_READ_H

#include "motcl.h"

/**
 * Read all of a regular file; "-" is stdin, and /dev/fd/N another stream that the shell has opened.
 * A signal ends the waiting for more.
 *
 * data  gets n bytes and a NUL behind them, to be freed with free
 * most  bytes; more is MOTCL_EFORMAT
 *
 * Otherwise MOTCL_EIO, MOTCL_ECANCELLED, MOTCL_ENOMEM.
 */
int mcl_read(char **data, size_t *n, const char *name, size_t most, motcl_err *err);

/** What messages call the file. */
const char *mcl_read_name(const char *name);

#endif
