/* config.h - what a daemon is told: by its command line, and by a file of the same words. */
#ifndef MCL_DAEMON_CONFIG_H
#define MCL_DAEMON_CONFIG_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/err.h"

/** A model as clients know it, and its folder. */
typedef struct mcl_daemon_config_model {
  char *name, *dir;
} mcl_daemon_config_model;

/**
 * Settings; the table in config.c has their words, ranges and defaults.
 *
 * socket, state  paths; state must be given
 * backup         a folder to copy the queue to, and do nothing else; NULL: none
 * device         [devices] as `motcl -d` takes them, a process each; none: the default one
 * operator       [operators] users who see and change everybody's jobs, beside root
 * memory         bytes for each device; 0: what there is
 * message        most bytes of a client's message
 * queue, user_queue  jobs that have not ended: of all, and of a user
 * clients        connections
 * share          jobs side by side on a device
 * tries          of a job that a device failed
 * save, grace, stall, idle  seconds: between two savings, for saving at the end, until a device hangs, for a
 *                client's message to come whole
 * aging          seconds of waiting that are worth a step of priority
 * keep, keep_jobs, keep_bytes  ended jobs are kept: seconds, how many, bytes of results
 */
typedef struct mcl_daemon_config {
  char *socket, *state, *cache, *group, *backup;
  mcl_daemon_config_model *model;
  size_t models;
  char **device;
  size_t devices;
  uid_t *operator_id;
  size_t operators;
  uint64_t memory, message, queue, user_queue, clients, share, tries;
  uint64_t save, grace, stall, idle, aging, keep, keep_jobs, keep_bytes;
  bool json, verbose, allow_slow;
  bool help, version;
} mcl_daemon_config;

/**
 * Read a command line, and the file that its --config names, whose lines hold where the line says nothing.
 *
 * c  gets the settings; the caller ends it with mcl_daemon_config_finish, also on failure
 *
 * Returns MOTCL_EINVAL with the word, or file and line, that is wrong; MOTCL_EIO for the file.
 */
int mcl_daemon_config_read(mcl_daemon_config *c, int argc, char *const *argv, motcl_err *err);
void mcl_daemon_config_finish(mcl_daemon_config *c);

/** The folder of a model by its name; NULL if there is none. */
const char *mcl_daemon_config_model_dir(const mcl_daemon_config *c, const char *name);

/** Print the options for --help. */
void mcl_daemon_config_help(FILE *f);

#endif
