/* env.c - reading the environment, by one table. */
#include "cli/env.h"

#include <stdlib.h>

enum { MODEL, KERNELS, CACHE, HOME, COLOR, TERMINAL, VARIABLES };

const size_t mcl_env_count = VARIABLES;
const mcl_env_variable mcl_env_table[VARIABLES] = {
    [MODEL] = {"MOTCL_MODEL", "folder of the model where -m names none"},
    [KERNELS] = {"MOTCL_KERNEL_DIR", "folder whose kernels are used instead of the built-in ones"},
    [CACHE] = {"XDG_CACHE_HOME", "built programs are kept in its subfolder motcl"},
    [HOME] = {"HOME", "its .cache stands in where XDG_CACHE_HOME is not set"},
    [COLOR] = {"NO_COLOR", "if set, no colours"},
    [TERMINAL] = {"TERM", "if it is dumb, no colours and no progress bar"},
};

/* An empty variable is one that is not set, as the XDG rules have it. */
static const char *get(int i) {
  const char *v = getenv(mcl_env_table[i].name);
  return v && *v ? v : NULL;
}

static void find_cache(mcl_env *env) {
  const char *cache = get(CACHE), *home = get(HOME);
  int n = 0;
  env->cache[0] = 0;
  if (cache && *cache == '/')
    n = snprintf(env->cache, sizeof env->cache, "%s/motcl", cache);
  else if (home && *home == '/')
    n = snprintf(env->cache, sizeof env->cache, "%s/.cache/motcl", home);
  if (n < 0 || (size_t)n >= sizeof env->cache)
    env->cache[0] = 0;
}

void mcl_env_read(mcl_env *env) {
  const char *terminal = get(TERMINAL);
  env->model = get(MODEL);
  env->kernel_dir = get(KERNELS);
  env->no_color = get(COLOR) != NULL;
  env->dumb = terminal && terminal[0] == 'd' && terminal[1] == 'u' && terminal[2] == 'm';
  find_cache(env);
}

void mcl_env_help(FILE *f) {
  for (int i = 0; i < VARIABLES; i++)
    fprintf(f, "  %-18s %s\n", mcl_env_table[i].name, mcl_env_table[i].about);
}
