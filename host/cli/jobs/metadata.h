/* metadata.h - what a picture file says of its making. */
#ifndef MCL_CLI_JOBS_METADATA_H
#define MCL_CLI_JOBS_METADATA_H

#include "session/request.h"
#include "image/pixels.h"
#include "io/picture.h"

enum { MCL_METADATA_LINES = 6 };

/** Lines of metadata; borrows the request. */
typedef struct mcl_metadata {
  motcl_line text[MCL_METADATA_LINES];
  size_t count;
  char *prompt, *settings;
  char software[64], seed[24];
} mcl_metadata;

/**
 * Software, prompt (all texts, a line each), negative text, seed, settings as a JSON object, and
 * the fingerprint of the plan. No file names, which may tell more than somebody wants to share.
 */
int mcl_metadata_init(mcl_metadata *m, const motcl_request *r, const mcl_image *picture,
                      const char *fingerprint, motcl_err *err);
void mcl_metadata_finish(mcl_metadata *m);

#endif
