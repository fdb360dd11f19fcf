/* protocol_files.h - the files of protocols/ as they were when the library was built. The table is made
 * by build-aux/embed.awk. */
#ifndef MCL_MODEL_PROTOCOL_FILES_H
#define MCL_MODEL_PROTOCOL_FILES_H

#include <stddef.h>

/** One file: its name without the ending, "bagel", and its lines in order, each ending with a newline. */
typedef struct mcl_protocol_file {
  const char *name;
  const char *const *lines;
  size_t count;
} mcl_protocol_file;

/** All files, in the order of protocols/Makefile.inc: BAGEL's is the first. Constant; any thread. */
extern const mcl_protocol_file mcl_protocol_files[];
extern const size_t mcl_protocol_file_count;

#endif
