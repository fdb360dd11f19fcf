/* journal_files.h - the state folder: whose it is, who has it, and the results in it (journal.h).
 * Nothing in it is believed that others than its owner can have put there. */
#ifndef MCL_DAEMON_JOURNAL_FILES_H
#define MCL_DAEMON_JOURNAL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "motcl.h"

#define MCL_JOURNAL_DB "journal.db"
#define MCL_JOURNAL_PART "journal.db.part" /* of a backup that is not whole */

/** Descriptors; -1 where closed. `path` has no slash at its end. */
typedef struct mcl_state_folder {
  char *path;
  int fd, results, lock;
} mcl_state_folder;

/**
 * Open the folder of a daemon: what is missing of it is made, and it is locked until it is closed.
 * Errors are mcl_journal_open's; f is closed then.
 */
int mcl_state_folder_open(mcl_state_folder *f, const char *dir, motcl_err *err);

/** As it is, for reading only: nothing is made or locked. */
int mcl_state_folder_open_again(mcl_state_folder *f, const char *dir, motcl_err *err);

/** Make the folder of a backup, which must not be there, with an empty MCL_JOURNAL_PART. */
int mcl_state_folder_make(mcl_state_folder *f, const char *dir, motcl_err *err);

void mcl_state_folder_close(mcl_state_folder *f);

/** Give a file of the folder a name that lasts. */
int mcl_state_folder_rename(const mcl_state_folder *f, const char *from, const char *to,
                            motcl_err *err);

/** Path of a file in the folder, or NULL; the caller frees it with mcl_free. */
char *mcl_state_folder_path(const mcl_state_folder *f, const char *name);

/** Store what came of a job, in place of what there is: whole and on the disk, or not at all. MOTCL_EIO. */
int mcl_result_write(const mcl_state_folder *f, uint64_t number, const void *bytes, size_t n,
                     motcl_err *err);

/** The n bytes that came of a job; the caller frees them with mcl_free. MOTCL_EFORMAT if there is no such
 * file, or one of another length; MOTCL_EINVAL if others than the user can have written it. */
int mcl_result_read(const mcl_state_folder *f, uint64_t number, uint8_t **bytes, size_t n,
                    motcl_err *err);

/** Whether there is a file for it. */
bool mcl_result_there(const mcl_state_folder *f, uint64_t number);

/** A file that cannot be removed is swept later. */
void mcl_result_remove(const mcl_state_folder *f, uint64_t number);

/** Whether the result of a job is wanted, in *keep. */
typedef int (*mcl_result_fn)(void *user, uint64_t number, bool *keep, motcl_err *err);

/** Remove results that are not wanted, and what was not written to its end; other files are let be. */
int mcl_result_sweep(const mcl_state_folder *f, mcl_result_fn wanted, void *user, motcl_err *err);

#endif
