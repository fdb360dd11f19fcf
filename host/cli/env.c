/* env.c - reading the environment, by one table. */
#include "cli/env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  MODEL,
  DATA,
  KERNELS,
  CACHE,
  STATE,
  CONFIG,
  HOME,
  POCL,
  TEMPORARY,
  SOCKET,
  RUNTIME,
  BACKGROUND,
  COLOR,
  COLORS,
  TERMINAL,
  LOCALE,
  LOCALE_TYPE,
  LANGUAGE,
  VARIABLES
};

const size_t mcl_env_count = VARIABLES;
const mcl_env_variable mcl_env_table[VARIABLES] = {
    [MODEL] = {"MOTCL_MODEL", "folder of the model, or its weight file, where -m names none"},
    [DATA] = {"MOTCL_DATA_DIR",
              "folder of what is installed; the small model is its subfolder nano"},
    [KERNELS] = {"MOTCL_KERNEL_DIR", "folder whose kernels are used instead of the built-in ones"},
    [CACHE] =
        {"XDG_CACHE_HOME",
         "measured rates, fits of previews and built kernels are kept in its subfolder motcl"},
    [STATE] = {"XDG_STATE_HOME", "what was typed in 'motcl chat' is kept in its subfolder motcl"},
    [CONFIG] = {"XDG_CONFIG_HOME", "options that need not be typed are in its file motcl/config"},
    [HOME] = {"HOME", "its .cache, .local/state and .config stand in where those are not set"},
    [POCL] = {"POCL_CACHE_DIR",
              "where PoCL, if it is there, keeps what it compiles; else in the subfolder pocl of "
              "XDG_CACHE_HOME"},
    [TEMPORARY] = {"TMPDIR", "where that folder cannot be used a subfolder of this one, or of "
                             "/tmp, is"},
    [SOCKET] = {"MOTCL_SOCKET", "where motcld listens, if --socket names no other place"},
    [RUNTIME] = {"XDG_RUNTIME_DIR", "a motcld of one's own listens in its subfolder motcl, as "
                                    "socket; the machine's at /run/motcl/socket"},
    [BACKGROUND] = {"MOTCL_NO_BACKGROUND",
                    "if set, no process of least priority goes on for a while after a first start, "
                    "to store built kernels so that later starts are shorter"},
    [COLOR] = {"NO_COLOR", "if set, no colours, and no pictures in the terminal"},
    [COLORS] = {"COLORTERM",
                "truecolor or 24bit: previews and pictures of 'motcl chat' have all colours"},
    [TERMINAL] = {"TERM", "if it is dumb, no colours and no progress bar; with 256color in it, "
                          "previews have 256; 'motcl chat' knows by it whether there are pixels"},
    [LOCALE] = {"LC_ALL", "whether texts are UTF-8, which previews in the terminal need"},
    [LOCALE_TYPE] = {"LC_CTYPE", "stands in where LC_ALL is not set"},
    [LANGUAGE] = {"LANG", "stands in where LC_CTYPE is not set"},
};

/* An empty variable is one that is not set, as the XDG rules have it. */
static const char *get(int i) {
  const char *v = getenv(mcl_env_table[i].name);
  return v && *v ? v : NULL;
}

/* A folder without the first of its files is no model. */
static void find_small(mcl_env *env) {
  static const char file[] = "/llm_config.json";
  int n = snprintf(env->small, sizeof env->small, "%s/nano%s", env->data, file);
  if (n > 0 && (size_t)n < sizeof env->small && access(env->small, R_OK) == 0)
    env->small[(size_t)n - strlen(file)] = 0;
  else
    env->small[0] = 0;
}

/* The folder that the variable names, or `other` below the home. */
static void find_folder(char *out, size_t cap, int variable, const char *other) {
  const char *folder = get(variable), *home = get(HOME);
  int n = 0;
  out[0] = 0;
  if (folder && *folder == '/')
    n = snprintf(out, cap, "%s/motcl", folder);
  else if (home && *home == '/')
    n = snprintf(out, cap, "%s/%s/motcl", home, other);
  if (n < 0 || (size_t)n >= cap)
    out[0] = 0;
}

static void find_config(mcl_env *env) {
  static const char file[] = "/config";
  find_folder(env->config, sizeof env->config - sizeof file, CONFIG, ".config");
  if (*env->config)
    memcpy(env->config + strlen(env->config), file, sizeof file);
}

/* As PoCL finds it. Without a home it would take one that everybody has by the same name. */
static void find_pocl(mcl_env *env) {
  const char *named = get(POCL), *cache = get(CACHE), *home = get(HOME);
  int n = named   ? snprintf(env->pocl, sizeof env->pocl, "%s", named)
          : cache ? snprintf(env->pocl, sizeof env->pocl, "%s/pocl/kcache", cache)
          : home  ? snprintf(env->pocl, sizeof env->pocl, "%s/.cache/pocl/kcache", home)
                  : -1;
  if (n < 0 || (size_t)n >= sizeof env->pocl)
    env->pocl[0] = 0;
}

/* A daemon of one's own comes before the machine's, if there is one. */
static void find_socket(mcl_env *env) {
  static const char common[] = "/run/motcl/socket";
  const char *named = get(SOCKET), *runtime = get(RUNTIME);
  int n = named ? snprintf(env->socket, sizeof env->socket, "%s", named)
                : snprintf(env->socket, sizeof env->socket, "%s/motcl/socket",
                           runtime ? runtime : "/run");
  if (n < 0 || (size_t)n >= sizeof env->socket)
    env->socket[0] = 0;
  if (!named && access(env->socket, F_OK) != 0 && access(common, F_OK) == 0)
    snprintf(env->socket, sizeof env->socket, "%s", common);
}

static bool holds(const char *text, const char *word) {
  return text && strstr(text, word);
}

static void find_terminal(mcl_env *env) {
  const char *terminal = get(TERMINAL), *colors = get(COLORS), *locale = get(LOCALE);
  if (!locale && !(locale = get(LOCALE_TYPE)))
    locale = get(LANGUAGE);
  env->no_color = get(COLOR) != NULL;
  env->dumb = terminal && !strncmp(terminal, "dum", 3);
  env->utf8 = holds(locale, "UTF-8") || holds(locale, "utf8") || holds(locale, "UTF8");
  if (env->no_color || env->dumb)
    env->colours = 0;
  else if (holds(colors, "truecolor") || holds(colors, "24bit") || holds(terminal, "-direct"))
    env->colours = 1u << 24;
  else
    env->colours = holds(terminal, "256color") ? 256 : 0;
}

void mcl_env_read(mcl_env *env) {
  env->model = get(MODEL);
  env->kernel_dir = get(KERNELS);
  env->data = get(DATA) ? get(DATA) : mcl_data_dir;
  env->no_background = get(BACKGROUND) != NULL;
  find_terminal(env);
  find_small(env);
  find_folder(env->cache, sizeof env->cache, CACHE, ".cache");
  find_pocl(env);
  const char *temporary = get(TEMPORARY);
  env->temporary = temporary && *temporary == '/' ? temporary : "/tmp";
  find_socket(env);
  find_folder(env->state, sizeof env->state, STATE, ".local/state");
  find_config(env);
  env->home = get(HOME);
}

void mcl_env_help(FILE *f) {
  for (int i = 0; i < VARIABLES; i++)
    fprintf(f, "  %-20s %s\n", mcl_env_table[i].name, mcl_env_table[i].about);
}
