/* library.c - opening the library. */
#include "cli/library.h"

#include <string.h>
#include <sys/stat.h>

#include "cli/pocl.h"

/* The cache makes its own folder, but not the one above. A failure only means that nothing is
 * kept. */
static const char *cache_of(const mcl_env *env) {
  char above[sizeof env->cache];
  const char *slash = strrchr(env->cache, '/');
  if (!slash)
    return NULL;
  memcpy(above, env->cache, (size_t)(slash - env->cache));
  above[slash - env->cache] = 0;
  mkdir(above, 0700);
  return env->cache;
}

static void say(void *user, motcl_log_level level, const char *text) {
  bool warning = level == MOTCL_LOG_WARNING;
  mcl_terminal_say(user, !warning, "%s%s", warning ? "motcl: " : "", text);
}

int mcl_library_open(motcl **out, const mcl_env *env, mcl_terminal *terminal, motcl_err *err) {
  motcl_options o = {
      .log = say, .log_user = terminal, .cache_dir = cache_of(env), .kernel_dir = env->kernel_dir};
  return motcl_open(out, &o, err);
}

int mcl_library_open_devices(motcl **out, const mcl_env *env, mcl_terminal *terminal,
                             motcl_err *err) {
  mcl_pocl_settle(env, terminal);
  return mcl_library_open(out, env, terminal, err);
}
