/* file.h - regular files, opened without waiting for anybody and read into memory. What stands in a
 * file's place, a folder, pipe, socket or device, is refused: it would hold us up, or never end. */
#ifndef MCL_BASE_FILE_H
#define MCL_BASE_FILE_H

#include <stddef.h>
#include <sys/stat.h>

#include "motcl.h"

/**
 * Open the regular file `path` for reading.
 *
 * fd     gets the descriptor, close-on-exec; the caller closes it
 * st     gets what fstat says of it
 * flags  of open(2) beside the usual ones: O_NOFOLLOW, or 0
 *
 * Returns MOTCL_EIO if it cannot be opened or is no regular file; outputs are then untouched. Any
 * thread.
 */
int mcl_file_open(int *fd, struct stat *st, const char *path, int flags, motcl_err *err);

/**
 * Read all of the regular file `path` into memory.
 *
 * data  gets the bytes and a NUL after them; the caller frees it with mcl_free
 * n     gets their number, without that NUL
 * max_bytes  a longer file is refused with MOTCL_EFORMAT, without reading more than that
 *
 * Otherwise MOTCL_EIO or MOTCL_ENOMEM; outputs are then untouched. Any thread.
 */
int mcl_file_read(char **data, size_t *n, const char *path, size_t max_bytes, motcl_err *err);

/** MOTCL_EIO, "cannot DOING 'PATH': ..." with what the system calls error `num`. */
#define mcl_fail_sys(err, num, doing, path) mcl_fail_sys_at((err), (num), (doing), (path), __func__)
int mcl_fail_sys_at(motcl_err *err, int num, const char *doing, const char *path,
                    const char *where);

/** "a folder", "a pipe", ... : what a sentence calls a file of that st_mode. */
const char *mcl_file_kind(mode_t mode);

#endif
