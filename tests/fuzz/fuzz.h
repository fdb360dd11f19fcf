/* fuzz.h - what the fuzz targets share. A target is one file with one LLVMFuzzerTestOneInput: it
 * feeds bytes to a reader of foreign bytes, and stops the program on anything but success or a
 * proper error. */
#ifndef MCL_TESTS_FUZZ_FUZZ_H
#define MCL_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "motcl.h"

/** libFuzzer's entry; returns 0. Bytes and nothing after them: a step beyond is found. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Whether fuzz_outcome prints the errors that come; false. */
extern bool fuzz_prints;

/** Stop the program unless rc is MOTCL_OK, or an error that bytes may cause with a sentence in
 * UTF-8 that says so. */
void fuzz_outcome(int rc, const motcl_err *err);

/** Stop the program with `what`: something that must hold does not. */
_Noreturn void fuzz_wrong(const char *what);

/** A folder where we stand, for readers that take names, and the path of its file `name`: few and
 * short ones. They are removed at the end. */
const char *fuzz_folder(void);
const char *fuzz_path(const char *name);

/** Make the file `name` of those bytes. */
void fuzz_put(const char *name, const void *data, size_t size);

/**
 * Cut the input at the bytes 0x1e (record separator) into the files of those names, in order; one
 * without bytes is not there. What is left over goes to the last.
 */
void fuzz_put_parts(const char *const *name, size_t names, const uint8_t *data, size_t size);

#endif
