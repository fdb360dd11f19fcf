/* target.h - the files that results go to, and the one rule of when one that is there is replaced. */
#ifndef MCL_CLI_JOBS_TARGET_H
#define MCL_CLI_JOBS_TARGET_H

#include "motcl.h"

/**
 * As motcl_file_check and motcl_file_write.
 *
 * force  --force: whether a file that is there may be replaced. Until the new one is whole the old one
 *        is. Where that is all that is in the way, the sentence of MOTCL_EEXIST names the option
 */
int mcl_target_check(const char *path, bool force, motcl_err *err);
int mcl_target_write(const char *path, const void *bytes, size_t n, bool force, motcl_err *err);

/** What tells a file that is to be written from others, whatever way leads to its folder, for comparing; its
 * name stands behind the last slash. To be freed with free; NULL without memory. */
char *mcl_target_key(const char *path);

/** Refuse one file for two results, with MOTCL_EINVAL, as the later would replace the first.
 *
 * what    goes to `path`: "the picture"
 * option  that names a file too, `other`, which may be NULL
 */
int mcl_target_distinct(const char *path, const char *what, const char *other, const char *option,
                        motcl_err *err);

#endif
