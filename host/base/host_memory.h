/* host_memory.h - how much memory this process may take, by the limits it was put under: those of its
 * control groups (version 1 and 2), and of address space and data (setrlimit). Whoever takes more is
 * killed or refused by the system, so this is asked before. Where the system has no such limits, or
 * does not say, there are none. */
#ifndef MCL_BASE_HOST_MEMORY_H
#define MCL_BASE_HOST_MEMORY_H

#include <stdint.h>

/** What is limited: pages that no file has, in memory, which control groups count with those of
 * their other processes; addresses; and addresses that are private and may be written. */
typedef enum mcl_memory_kind {
  MCL_MEMORY_PAGES,
  MCL_MEMORY_SPACE,
  MCL_MEMORY_DATA,
  MCL_MEMORY_KINDS
} mcl_memory_kind;

/** Bytes of each kind that a process has. */
typedef struct mcl_memory_use {
  uint64_t bytes[MCL_MEMORY_KINDS];
} mcl_memory_use;

/** Bytes that may be taken, and the limit that says so, for a sentence: "its limit of address space
 * (ulimit -v)". Without a limit UINT64_MAX, and NULL. */
typedef struct mcl_memory_room {
  uint64_t bytes;
  const char *by;
} mcl_memory_room;

/**
 * What this process has now; 0 where the system does not say.
 *
 * root  folder in which proc and sys are looked for: "", but in tests
 */
mcl_memory_use mcl_memory_used(const char *root);

/**
 * How much may be held of something that is counted by whoever asks, under the tightest limit:
 *
 *     limit - what other processes of the group have - what this one has beside
 *
 * where files' pages, which the system can drop, count for nothing.
 *
 * base   what this process had before any of it was held
 * spare  bytes of each kind that it is to be left beside that, for its other work
 * held   bytes of it that are held now, whether or not they have been written to yet
 *
 * Reads a dozen small files: for before the work, not for between its steps. Any thread.
 */
mcl_memory_room mcl_memory_left(const char *root, const mcl_memory_use *base,
                                const mcl_memory_use *spare, uint64_t held);

#endif
