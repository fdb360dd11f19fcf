/* pocl.c - looking at the folder that PoCL would take, and choosing another one. */
#include "cli/pocl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

/* Kernels of a drawing take 1 MB, and several processes write beside each other while they build. */
static const uint64_t room_wanted = (uint64_t)16 << 20;
static const uint64_t files_wanted = 500;

/* What keeps a folder from being used. */
typedef enum fault { NONE, NOT_WRITABLE, NO_ROOM, OTHERS } fault;

static mode_t get_umask(void) {
  const mode_t mask = umask(022);
  umask(mask);
  return mask;
}

/* Whether its mode lets others write. PoCL lets the group, as far as the umask does; that is trusted as
 * it is by whoever set that umask. */
static bool mode_lets_others(const struct stat *st, mode_t mask) {
  const bool shared = !(mask & S_IWGRP) && st->st_gid == getegid();
  return st->st_mode & S_IWOTH || (st->st_mode & S_IWGRP && !shared);
}

static bool others_write(const struct stat *st, mode_t mask) {
  if (st->st_uid != geteuid() || S_ISLNK(st->st_mode)) /* a link has no mode of its own */
    return st->st_uid != geteuid();
  return mode_lets_others(st, mask);
}

/* Root, who in a user namespace may be nobody, and whoever owns this program, could do worse. */
static bool is_trusted(uid_t owner) {
  struct stat program;
  return owner == geteuid() || owner == 0 ||
         (stat("/proc/self/exe", &program) == 0 && owner == program.st_uid);
}

/* Whether this program is somewhere in a folder: who can write to that could put another program in its
 * place, and needs no kernels. So it is where root builds in a user's folder, as containers do. */
static bool holds_program(const struct stat *dir) {
  char path[PATH_SIZE];
  struct stat st;
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  path[n > 0 ? n : 0] = '\0';
  for (char *slash; (slash = strrchr(path, '/'));) {
    *slash = '\0';
    if (stat(*path ? path : "/", &st) == 0 && st.st_ino == dir->st_ino && st.st_dev == dir->st_dev)
      return true;
  }
  return false;
}

/* Whether the folder or one in it is writable by others: what they have put there is found by its name.
 * Folders have names of two letters. What else there is, PoCL leaves behind, by the thousand. */
static bool is_shared(const char *dir) {
  struct stat st;
  const mode_t mask = get_umask();
  DIR *d = opendir(dir);
  bool shared = !d || fstat(dirfd(d), &st) != 0 || others_write(&st, mask);
  for (struct dirent *e; d && !shared && (e = readdir(d));)
    if (strlen(e->d_name) == 2 && strcmp(e->d_name, "..") != 0 &&
        fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
      shared = others_write(&st, mask);
  if (d)
    closedir(d);
  return shared;
}

/* Whether others can put another in the place of what is in a folder: it, or one above it, is theirs, or
 * they can write to it and it is not sticky, where only what is their own is theirs to move. The way up
 * is that of the folder itself, whatever links led to it. */
static bool is_open(const char *dir) {
  enum { STICKY = 01000, DEEPEST = 200 };
  char path[PATH_SIZE + 3 * DEEPEST + 1];
  const mode_t mask = get_umask();
  struct stat st, last = {0};
  size_t n = (size_t)snprintf(path, PATH_SIZE, "%s", dir);
  for (int i = 0; i < DEEPEST && stat(path, &st) == 0; i++) {
    const bool theirs = !is_trusted(st.st_uid);
    if ((theirs || (!(st.st_mode & STICKY) && mode_lets_others(&st, mask))) && !holds_program(&st))
      return true;
    if (i && st.st_ino == last.st_ino && st.st_dev == last.st_dev)
      break; /* what is above the topmost is itself */
    last = st;
    memcpy(path + n, "/..", 4);
    n += 3;
  }
  return false;
}

/* Permissions do not tell: making something does. */
static bool is_writable(const char *dir) {
  char probe[PATH_SIZE + 32];
  snprintf(probe, sizeof probe, "%s/.motcl-%jd", dir, (intmax_t)getpid());
  return mkdir(probe, 0700) == 0 && rmdir(probe) == 0;
}

/* Some file systems do not say how much they have. */
static bool has_room(const char *dir) {
  struct statvfs v;
  struct rlimit r;
  if (getrlimit(RLIMIT_FSIZE, &r) == 0 && r.rlim_cur < room_wanted)
    return false;
  return statvfs(dir, &v) != 0 || !v.f_blocks ||
         ((uint64_t)v.f_bavail * v.f_frsize >= room_wanted &&
          (!v.f_files || v.f_favail >= files_wanted));
}

/* Of a folder that is there, or else of the first above it that is, in which PoCL will make it. */
static fault look(const char *name) {
  char dir[PATH_SIZE];
  struct stat st;
  bool there = true;
  int n = snprintf(dir, sizeof dir, "%s", name);
  if (n <= 0 || (size_t)n >= sizeof dir)
    return NOT_WRITABLE;
  for (; stat(dir, &st) != 0; there = false) {
    char *slash = strrchr(dir, '/');
    if (errno != ENOENT || !strcmp(dir, "/") || !strcmp(dir, "."))
      return NOT_WRITABLE;
    if (slash)
      slash[slash == dir] = '\0';
    else
      snprintf(dir, sizeof dir, ".");
  }
  if (!S_ISDIR(st.st_mode) || !is_writable(dir))
    return NOT_WRITABLE;
  if (!has_room(dir))
    return NO_ROOM;
  return is_open(dir) || (there && is_shared(dir)) ? OTHERS : NONE;
}

/* A folder of ours among temporary files, where anybody may have made something of that name. */
static bool make_other(char out[PATH_SIZE], const mcl_env *env) {
  struct stat st;
  int n = snprintf(out, PATH_SIZE, "%s/motcl-%ju", env->temporary, (uintmax_t)geteuid());
  if (n < 0 || n >= PATH_SIZE || (mkdir(out, 0700) != 0 && errno != EEXIST))
    return false;
  return lstat(out, &st) == 0 && S_ISDIR(st.st_mode) && look(out) == NONE;
}

void mcl_pocl_settle(const mcl_env *env, mcl_terminal *terminal) {
  static const char nowhere[] = "/dev/null/none"; /* no folder can be made there */
  char other[PATH_SIZE];
  const fault f = look(env->pocl);
  const bool made = f != NONE && make_other(other, env);
  const char *quote = *env->pocl ? "'" : "";
  setenv("POCL_CACHE_DIR", f == NONE ? env->pocl : made ? other : nowhere, 1);
  if (f == OTHERS)
    mcl_terminal_say(
        terminal, false,
        "motcl: others than you can write to '%.300s', where PoCL keeps what it runs, or to a "
        "folder above it; it is not used. Remove it, or name another folder in "
        "POCL_CACHE_DIR",
        env->pocl);
  else if (made)
    mcl_terminal_say(terminal, true, "PoCL keeps kernels in '%.300s', as %s%.300s%s %s", other,
                     quote, *env->pocl ? env->pocl : "the environment", quote,
                     !*env->pocl    ? "names no folder"
                     : f == NO_ROOM ? "has no room"
                                    : "cannot be written to");
}
