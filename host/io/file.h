/* file.h - files as a whole: mapped for reading, and written so that a half-written one never stands
 * under its name. base/file.h reads them into memory. */
#ifndef MCL_IO_FILE_H
#define MCL_IO_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "motcl.h"

/** A file mapped read-only. An empty file has size 0 and a data pointer that is not NULL. */
typedef struct mcl_map {
  const void *data;
  size_t size;
} mcl_map;

/**
 * Map the regular file `path` read-only and private. A file that another program cuts short while
 * it is mapped raises SIGBUS where it is read; that cannot be caught here.
 *
 * Returns MOTCL_EIO if it cannot be opened, is no regular file or cannot be mapped, MOTCL_EFIT if the
 * process may not have the addresses for it; *m is then untouched. Any thread. Give back with mcl_map_close.
 */
int mcl_map_open(mcl_map *m, const char *path, motcl_err *err);

/** Unmap and clear *m. A cleared or NULL map is fine. */
void mcl_map_close(mcl_map *m);

/** A file being written beside its final name. One thread at a time. */
typedef struct mcl_outfile mcl_outfile;

/**
 * Start writing `path`: the bytes go to a temporary file of the same folder, which takes the name
 * only in mcl_outfile_commit. A character device that stands at `path` is written directly. A
 * symbolic link to a regular file is replaced, not followed.
 *
 * replace  whether an existing file may be replaced; if not, MOTCL_EEXIST comes at once for one
 *          that is there now, and from commit for one that has appeared since
 *
 * Returns MOTCL_EINVAL for a name that cannot be a file's or is a folder's, a pipe's or the like;
 * MOTCL_EIO, MOTCL_EEXIST or MOTCL_ENOMEM. End with exactly one of mcl_outfile_commit and mcl_outfile_abort.
 */
int mcl_outfile_open(mcl_outfile **out, const char *path, bool replace, motcl_err *err);

/** Append n bytes. After an error (MOTCL_EIO: the disk is full, ...) only abort makes sense. */
int mcl_outfile_write(mcl_outfile *f, const void *data, size_t n, motcl_err *err);

/**
 * Force the bytes to disk, give the file its name, and destroy f, also on failure; then nothing
 * new is left under either name. MOTCL_EIO or MOTCL_EEXIST.
 */
int mcl_outfile_commit(mcl_outfile *f, motcl_err *err);

/** Drop what was written and destroy f; NULL is fine. */
void mcl_outfile_abort(mcl_outfile *f);

/** Write n bytes as the whole of `path`: open, write, and commit or abort. */
int mcl_file_write(const char *path, const void *data, size_t n, bool replace, motcl_err *err);

#endif
