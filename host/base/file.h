/* file.h - regular files, opened without waiting for anybody and read into memory. What stands in a
 * file's place, a folder, pipe, socket or device, is refused: it would hold us up, or never end. */
#ifndef MCL_BASE_FILE_H
#define MCL_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "motcl.h"

/**
 * Open the regular file `path` for reading.
 *
 * fd     gets the descriptor, close-on-exec; the caller closes it
 * st     gets what fstat says of it
 *
 * Returns MOTCL_EIO if it cannot be opened or is no regular file; outputs are then untouched. Any
 * thread.
 */
int mcl_file_open(int *fd, struct stat *st, const char *path, motcl_err *err);

/**
 * Open a folder that nobody but the user of this process can have put anything into: it is the
 * user's, and neither its group nor others may write to it.
 *
 * fd  gets a descriptor, close-on-exec; the caller closes it
 *
 * Returns MOTCL_EIO if there is no folder, MOTCL_EINVAL if it is not so, with a sentence that names it
 * and says what to do; *fd is then untouched. Any thread.
 */
int mcl_folder_open_own(int *fd, const char *dir, motcl_err *err);

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

/**
 * As mcl_file_read, of the file `name` in a folder that is the user's own (mcl_folder_open_own); the
 * file is to be so too, and no link. What was kept by this program for itself is read so, and whatever
 * others have put in its place is not: MOTCL_EINVAL, before a byte of it is read.
 *
 * secret  nor may its group or others be able to do anything with it
 */
int mcl_file_read_own(char **data, size_t *n, const char *dir, const char *name, bool secret,
                      size_t max_bytes, motcl_err *err);

/** The folder that a file is in; of anything else, `path` as it is. From mcl_alloc; NULL without
 * memory. */
char *mcl_folder_of(const char *path);

/** MOTCL_EIO, "cannot DOING 'PATH': ..." with what the system calls error `num`. */
#define mcl_fail_sys(err, num, doing, path) mcl_fail_sys_at((err), (num), (doing), (path), __func__)
int mcl_fail_sys_at(motcl_err *err, int num, const char *doing, const char *path,
                    const char *where);

/** "a folder", "a pipe", ... : what a sentence calls a file of that st_mode. */
const char *mcl_file_kind(mode_t mode);

#endif
