/* output.h - the picture file: its name, whether it can be written, and writing it. */
#ifndef MCL_CLI_JOBS_OUTPUT_H
#define MCL_CLI_JOBS_OUTPUT_H

#include "cli/options/options.h"

enum { MCL_NAME_SIZE = 4096 };

/**
 * The file that the picture of output k and of `seed` goes to: --output, with its own seed before
 * the ending where several are drawn, else motcl-SEED.png; "-" is stdout. A seed that outputs
 * before it had is told from theirs by a number: SEED-2.
 */
int mcl_output_name(char name[MCL_NAME_SIZE], const mcl_options *o, size_t k, uint64_t seed,
                    motcl_err *err);

/**
 * Before the work: whether the pictures of all seeds can be written. The ending must be known, the
 * folder there and writable, no file of the name may exist but with --force, and no name may be that
 * of another result.
 *
 * Returns MOTCL_EINVAL, MOTCL_EEXIST, MOTCL_EIO.
 */
int mcl_output_check(const mcl_options *o, motcl_err *err);

/** What the file of a picture says of its making by that worker, in one block to be freed with
 * motcl_free. `r` is for that picture alone. */
int mcl_output_describe(motcl_line **line, size_t *lines, const motcl_request *r, uint32_t width,
                        uint32_t height, motcl_worker *w, motcl_err *err);

/**
 * Write a picture, whole or not at all, over a file with --force only. Its name is printed, but not with
 * --json.
 *
 * rgb   3 * width * height bytes
 * k     which output it is
 * r     that it was drawn by, alone: for its seed and the metadata
 * w     that drew it, for the metadata
 * file  gets the file's `size` bytes, to be freed with motcl_free; may be NULL
 */
int mcl_output_write(const mcl_options *o, size_t k, const motcl_request *r, const uint8_t *rgb,
                     uint32_t width, uint32_t height, motcl_worker *w, uint8_t **file, size_t *size,
                     motcl_err *err);

#endif
