/* journal_row.h - a job as a row of the database, with the sums that tell whether it is as it was written. */
#ifndef MCL_DAEMON_JOURNAL_ROW_H
#define MCL_DAEMON_JOURNAL_ROW_H

#include "daemon/journal.h"
#include "daemon/journal_sql.h"

/** SHA-256. */
typedef struct mcl_sha256 {
  uint8_t bits[32];
} mcl_sha256;

mcl_sha256 mcl_sha256_of(const void *bytes, size_t n);

/** Bind a job's columns as it was submitted, or those that change; `sum` gets theirs, and is borrowed until
 * the statement ends. q NULL: the sum only. `result` is the digest of what came of it: NULL if nothing did yet. */
void mcl_row_submitted(mcl_query *q, const mcl_journal_job *job, mcl_sha256 *sum);
void mcl_row_changing(mcl_query *q, const mcl_journal_job *job, const mcl_sha256 *result,
                      mcl_sha256 *sum);

/**
 * The job of a row of MCL_SQL_JOB; its texts are good until the next row.
 *
 * result  gets the digest of what came of it, if anything did
 * sound   whether the sums are right; if not, job has a number and an id, and the rest is not to be believed
 */
int mcl_row_read(const mcl_query *q, mcl_journal_job *job, mcl_sha256 *result, bool *sound,
                 motcl_err *err);

#endif
