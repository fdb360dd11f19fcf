/* output.h - the picture file: its name, whether it can be written, and writing it. */
#ifndef MCL_CLI_JOBS_OUTPUT_H
#define MCL_CLI_JOBS_OUTPUT_H

#include "cli/options/options.h"

enum { MCL_NAME_SIZE = 4096 };

/**
 * The file that the picture of output k goes to, where its seed, with -n one more each time, is `seed`:
 * --output, filled in (cli/jobs/pattern.h), or, if nothing in it differs from picture to picture and
 * several are drawn, with the seed before its ending; else motcl-SEED.png, in the folder that --output
 * names; "-" is stdout. A seed that outputs before it had is told from theirs by a number: SEED-2.
 */
int mcl_output_name(char name[MCL_NAME_SIZE], const mcl_options *o, size_t k, uint64_t seed,
                    motcl_err *err);

/**
 * Before the work: whether the pictures of all seeds can be written. The ending must be known, all
 * names differ, from those of other results too, the folder be there and writable; a file of such a
 * name may be there with --force only. Notes in `o` whether --output names a folder.
 *
 * Returns MOTCL_EINVAL, MOTCL_EEXIST, MOTCL_EIO.
 */
int mcl_output_check(mcl_options *o, motcl_err *err);

/** The format of the pictures' files, once they are checked. */
motcl_format mcl_output_format(const mcl_options *o);

/** What the file of a picture says of its making by that worker with that fingerprint, in one block to be
 * freed with motcl_free. `r` is for that picture alone. */
int mcl_output_describe(motcl_line **line, size_t *lines, const motcl_request *r, uint32_t width,
                        uint32_t height, motcl_worker *w, const char *fingerprint, motcl_err *err);

/** Write the file of a picture to stdout if that is its name, else to that file: whole or not at all, over one
 * that is there with --force only. The file's name is printed, but not with --json. */
int mcl_output_put(const mcl_options *o, const char *name, const uint8_t *bytes, size_t n,
                   motcl_err *err);

/**
 * Write a picture, as mcl_output_put does.
 *
 * rgb   3 * width * height bytes
 * k     which output it is
 * r     that it was drawn by, alone: for its seed and the metadata
 * w     that drew it with that fingerprint, for the metadata
 * file  gets the file's `size` bytes, to be freed with motcl_free; may be NULL
 */
int mcl_output_write(const mcl_options *o, size_t k, const motcl_request *r, const uint8_t *rgb,
                     uint32_t width, uint32_t height, motcl_worker *w, const char *fingerprint,
                     uint8_t **file, size_t *size, motcl_err *err);

#endif
