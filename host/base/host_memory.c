/* host_memory.c - see host_memory.h. Linux tells by proc(5) and cgroups(7). */
#include "base/host_memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/mem.h"

enum { PATH_SIZE = 1024 };
#define MOST_BYTES ((size_t)4 << 20) /* of a file of the system; a list of mounts is the longest */
#define NO_LIMIT UINT64_MAX

static uint64_t less(uint64_t a, uint64_t b) {
  return a > b ? a - b : 0;
}

/* The text of a file, or NULL. A name that is cut off is nobody's. */
static char *text_of(const char *root, const char *dir, const char *file) {
  char path[2 * PATH_SIZE], *text;
  size_t n;
  int len = snprintf(path, sizeof path, "%s%s/%s", root, dir, file);
  if (len < 0 || (size_t)len >= sizeof path)
    return NULL;
  return mcl_file_read(&text, &n, path, MOST_BYTES, NULL) == MOTCL_OK ? text : NULL;
}

/* The number behind a word at the beginning of a line; 0 if there is none. */
static uint64_t number_behind(const char *text, const char *word) {
  size_t n = strlen(word);
  for (const char *line = text; line && *line; line = strchr(line, '\n')) {
    line += *line == '\n';
    if (!strncmp(line, word, n))
      return strtoull(line + n, NULL, 10);
  }
  return 0;
}

mcl_memory_use mcl_memory_used(const char *root) {
  static const char *const word[MCL_MEMORY_KINDS] = {"RssAnon:", "VmSize:", "VmData:"};
  mcl_memory_use use = {{0}};
  char *text = text_of(root, "/proc/self", "status");
  for (int i = 0; text && i < MCL_MEMORY_KINDS; i++)
    use.bytes[i] = number_behind(text, word[i]) * 1024;
  mcl_free(text);
  return use;
}

/* ---- control groups ---- */

/* How a version calls what a group may have and has; of its stat file, what the system drops before it
 * kills, with what is below the group. */
typedef struct version {
  const char *type; /* of its mount */
  const char *limit[2], *usage, *dropped[3];
} version;

static const version versions[2] = {
    {"cgroup",
     {"memory.limit_in_bytes"},
     "memory.usage_in_bytes",
     {"total_inactive_file ", "total_active_file "}},
    {"cgroup2",
     {"memory.max", "memory.high"},
     "memory.current",
     {"inactive_file ", "active_file ", "slab_reclaimable "}},
};

/* The number in a file; `other` for "max", or where there is none. */
static uint64_t number_of(const char *root, const char *dir, const char *file, uint64_t other) {
  char *text = text_of(root, dir, file), *end = text;
  uint64_t n = text ? strtoull(text, &end, 10) : 0;
  if (end == text)
    n = other;
  mcl_free(text);
  return n;
}

/* Bytes that this process may have by one group, which has `own` of them now. A limit as high as no
 * machine's memory is none. */
static uint64_t share_of_group(const char *root, const char *dir, const version *v, uint64_t own) {
  uint64_t limit = NO_LIMIT;
  for (int i = 0; i < 2 && v->limit[i]; i++) {
    uint64_t n = number_of(root, dir, v->limit[i], NO_LIMIT);
    limit = n < limit ? n : limit;
  }
  if (limit >= (uint64_t)1 << 60)
    return NO_LIMIT;
  uint64_t others = number_of(root, dir, v->usage, 0);
  char *stat = text_of(root, dir, "memory.stat");
  for (int i = 0; stat && i < 3 && v->dropped[i]; i++)
    others = less(others, number_behind(stat, v->dropped[i]));
  mcl_free(stat);
  return less(limit, less(others, own));
}

/* The least of a group and of all above it, up to where its tree is mounted: [mount] bytes of `dir`. */
static uint64_t share_of_groups(const char *root, char *dir, size_t mount, const version *v,
                                uint64_t own) {
  uint64_t least = NO_LIMIT;
  for (;;) {
    uint64_t share = share_of_group(root, dir, v, own);
    least = share < least ? share : least;
    char *slash = strrchr(dir, '/');
    if (!slash || slash < dir + mount)
      return least;
    *slash = '\0';
  }
}

/* Whether "memory" is in a list like "cpu,memory". */
static bool has_memory(const char *controllers) {
  static const char word[] = "memory";
  const size_t n = sizeof word - 1;
  for (const char *at = controllers; (at = strstr(at, word)); at += n)
    if ((at == controllers || at[-1] == ',') && (!at[n] || at[n] == ','))
      return true;
  return false;
}

/* The path of our group among those of a version: the line of /proc/self/cgroup that has no
 * controllers, or memory among them. "" if there is none. */
static void find_group(char out[PATH_SIZE], const char *text, bool second) {
  char controllers[PATH_SIZE], path[PATH_SIZE];
  *out = '\0';
  for (const char *line = text; line && *line; line = strchr(line, '\n')) {
    line += *line == '\n';
    bool none = sscanf(line, "%*u::%1023[^\n]", path) == 1;
    if (!none && sscanf(line, "%*u:%1023[^:]:%1023[^\n]", controllers, path) != 2)
      continue;
    if (none == second && (none || has_memory(controllers))) {
      memcpy(out, path, strlen(path) + 1);
      return;
    }
  }
}

/* Blanks and the like stand as \040 in the list of mounts. */
static void unescape(char *text) {
  char *to = text;
  for (const char *p = text; *p; to++) {
    unsigned byte;
    if (*p == '\\' && sscanf(p, "\\%3o", &byte) == 1) {
      *to = (char)byte;
      p += 4;
    } else {
      *to = *p++;
    }
  }
  *to = '\0';
}

/* What the groups of one mount leave. A container sees the part of the tree that begins with `top`;
 * where our group is not in it, what is mounted is the nearest thing to it. */
static uint64_t share_of_mount(const char *root, const char *line, char group[2][PATH_SIZE],
                               uint64_t own) {
  char top[PATH_SIZE], mount[PATH_SIZE], dir[2 * PATH_SIZE], type[32], options[256];
  const char *more = strstr(line, " - "), *end = strchr(line, '\n');
  if (!more || (end && more > end) || sscanf(more, " - %31s %*s %255s", type, options) != 2 ||
      sscanf(line, "%*u %*u %*s %1023s %1023s", top, mount) != 2)
    return NO_LIMIT;
  int at = !strcmp(type, versions[1].type);
  if ((!at && strcmp(type, versions[0].type) != 0) || !*group[at])
    return NO_LIMIT;
  unescape(top);
  unescape(mount);
  size_t n = strcmp(top, "/") != 0 ? strlen(top) : 0;
  bool inside = !strncmp(group[at], top, n) && (group[at][n] == '/' || !group[at][n]);
  const char *below = inside && strcmp(group[at] + n, "/") != 0 ? group[at] + n : "";
  snprintf(dir, sizeof dir, "%s%s", mount, below);
  return share_of_groups(root, dir, strlen(mount), &versions[at], own);
}

static uint64_t share_of_all(const char *root, uint64_t own) {
  char group[2][PATH_SIZE];
  uint64_t least = NO_LIMIT;
  char *groups = text_of(root, "/proc/self", "cgroup");
  char *mounts = groups ? text_of(root, "/proc/self", "mountinfo") : NULL;
  for (int i = 0; mounts && i < 2; i++)
    find_group(group[i], groups, i);
  for (const char *line = mounts; line && *line; line = strchr(line, '\n')) {
    line += *line == '\n';
    uint64_t share = share_of_mount(root, line, group, own);
    least = share < least ? share : least;
  }
  mcl_free(groups);
  mcl_free(mounts);
  return least;
}

/* ---- all limits ---- */

static uint64_t limit_of(int resource) {
  struct rlimit r;
  return getrlimit(resource, &r) == 0 && r.rlim_cur != RLIM_INFINITY ? r.rlim_cur : NO_LIMIT;
}

mcl_memory_room mcl_memory_left(const char *root, const mcl_memory_use *base,
                                const mcl_memory_use *spare, uint64_t held) {
  static const char *const name[MCL_MEMORY_KINDS] = {"the memory limit of its control group",
                                                     "its limit of address space (ulimit -v)",
                                                     "its limit of data (ulimit -d)"};
  const mcl_memory_use now = mcl_memory_used(root);
  const uint64_t share[MCL_MEMORY_KINDS] = {share_of_all(root, now.bytes[MCL_MEMORY_PAGES]),
                                            limit_of(RLIMIT_AS), limit_of(RLIMIT_DATA)};
  mcl_memory_room room = {NO_LIMIT, NULL};
  for (int i = 0; i < MCL_MEMORY_KINDS; i++) {
    uint64_t beside = less(now.bytes[i], held), least = base->bytes[i] + spare->bytes[i];
    uint64_t left = less(share[i], beside > least ? beside : least);
    if (share[i] != NO_LIMIT && left < room.bytes)
      room = (mcl_memory_room){left, name[i]};
  }
  return room;
}
