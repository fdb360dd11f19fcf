/* env.c - reading the environment, by one table. */
#include "cli/env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MODEL, DATA, KERNELS, CACHE, HOME, COLOR, TERMINAL, VARIABLES };

const size_t mcl_env_count = VARIABLES;
const mcl_env_variable mcl_env_table[VARIABLES] = {
    [MODEL] = {"MOTCL_MODEL", "folder of the model where -m names none"},
    [DATA] = {"MOTCL_DATA_DIR",
              "folder of what is installed; the small model is its subfolder nano"},
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

/* A folder without the first of its files is no model. */
static void find_small(mcl_env *env) {
  static const char file[] = "/llm_config.json";
  const char *data = get(DATA);
  int n = snprintf(env->small, sizeof env->small, "%s/nano%s", data ? data : mcl_data_dir, file);
  if (n > 0 && (size_t)n < sizeof env->small && access(env->small, R_OK) == 0)
    env->small[(size_t)n - strlen(file)] = 0;
  else
    env->small[0] = 0;
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
  find_small(env);
  find_cache(env);
}

void mcl_env_help(FILE *f) {
  for (int i = 0; i < VARIABLES; i++)
    fprintf(f, "  %-18s %s\n", mcl_env_table[i].name, mcl_env_table[i].about);
}
