/* hint.c - what somebody may have meant who typed a word that is none. */
#include <string.h>

#include "cli/options/options.h"

enum { LONGEST = 32, CLOSE = 3 };

/* Insertions, deletions and changes that turn a into b; LONGEST if either is longer than that. */
static size_t distance(const char *a, const char *b) {
  size_t row[LONGEST + 1], n = strlen(a), m = strlen(b);
  if (n > LONGEST || m > LONGEST)
    return LONGEST;
  for (size_t j = 0; j <= m; j++)
    row[j] = j;
  for (size_t i = 1; i <= n; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= m; j++) {
      size_t change = diagonal + (a[i - 1] != b[j - 1]), best = row[j] + 1;
      diagonal = row[j];
      best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
      row[j] = change < best ? change : best;
    }
  }
  return row[m];
}

const char *mcl_closest(const char *word, const char *const *known) {
  const char *best = NULL;
  size_t least = CLOSE, n = strlen(word);
  for (; *known; known++) {
    size_t d = distance(word, *known);
    if (n > 3 && !strncmp(word, *known, n))
      d = 1;
    if (d < least && d < n) {
      least = d;
      best = *known;
    }
  }
  return best;
}

/* A command that takes the option of that name, or of that letter, or NULL. */
static const char *taker(const char *name, char letter) {
#define NAME(id, name) #name,
  static const char *const commands[] = {MCL_COMMANDS(NAME)};
#undef NAME
  for (size_t i = 0; i < mcl_option_count; i++)
    if (letter ? mcl_option_table[i].letter == letter : !strcmp(mcl_option_table[i].name, name))
      for (size_t c = 0; c < MCL_COMMAND_COUNT; c++)
        if (mcl_option_table[i].commands >> c & 1)
          return commands[c];
  return NULL;
}

static const char text_is_last[] =
    "the text stands behind the options, without one: 'motcl draw \"a red fox\"'";
static const char picture_is_first[] =
    "the picture is the first word: 'motcl edit fox.png \"make it blue\"'";
static const char one_sampler[] =
    "pictures are drawn by Euler steps; --timesteps and --shift say how many and where";
static const char models_are_folders[] =
    "models are folders: download it, and name its folder with -m";

/* What people type who know the commands of others, and what it is here: an option, or words that end the
 * sentence. */
static const struct {
  const char *word, *option, *otherwise;
} of_others[] = {
    {"steps", "timesteps", NULL},
    {"sampling-steps", "timesteps", NULL},
    {"num-inference-steps", "timesteps", NULL},
    {"num-timesteps", "timesteps", NULL},
    {"timestep-shift", "shift", NULL},
    {"flow-shift", "shift", NULL},
    {"cfg", "cfg-text", NULL},
    {"cfg-scale", "cfg-text", NULL},
    {"cfg-text-scale", "cfg-text", NULL},
    {"guidance", "cfg-text", NULL},
    {"guidance-scale", "cfg-text", NULL},
    {"img-cfg-scale", "cfg-image", NULL},
    {"image-cfg-scale", "cfg-image", NULL},
    {"cfg-img-scale", "cfg-image", NULL},
    {"cfg-renorm-type", "cfg-renorm", NULL},
    {"negative-prompt", "negative", NULL},
    {"width", "size", NULL},
    {"height", "size", NULL},
    {"n-predict", "max-tokens", NULL},
    {"predict", "max-tokens", NULL},
    {"max-new-tokens", "max-tokens", NULL},
    {"max-length", "max-tokens", NULL},
    {"temp", "temperature", NULL},
    {"repetition-penalty", "repeat-penalty", NULL},
    {"reverse-prompt", "stop", NULL},
    {"stop-strings", "stop", NULL},
    {"rng-seed", "seed", NULL},
    {"batch-count", "count", NULL},
    {"batch-size", "count", NULL},
    {"n", "count", NULL},
    {"b", "count", NULL},
    {"num-images", "count", NULL},
    {"model-path", "model", NULL},
    {"from-file", "prompts", NULL},
    {"prompt-file", "prompts", NULL},
    {"f", "prompts", NULL},
    {"sys", "system", NULL},
    {"system-prompt", "system", NULL},
    {"sampling-method", NULL, one_sampler},
    {"sampler", NULL, one_sampler},
    {"scheduler", NULL, one_sampler},
    {"strength", NULL,
     "an edit says in words what to change: 'motcl edit fox.png \"make it blue\"'"},
    {"lora", NULL, "a fine-tune is a whole model here: name its folder with -m"},
    {"vae", NULL, "the autoencoder is in the model's folder"},
    {"ngl", NULL, "-d names the device that does all of it"},
    {"n-gpu-layers", NULL, "-d names the device that does all of it"},
    {"list-devices", NULL, "'motcl devices' lists them"},
    {"prompt", NULL, text_is_last},
    {"init-img", NULL, picture_is_first},
    {"init-image", NULL, picture_is_first},
    {"image", NULL, "pictures stand before the text: 'motcl ask fox.png \"what is it?\"'"},
    {"p", NULL, text_is_last},
    {"W", "size", NULL},
    {"H", "size", NULL},
    {"hf", NULL, models_are_folders},
    {"hf-repo", NULL, models_are_folders},
    {"threads", NULL, "the OpenCL platform decides that; PoCL by POCL_MAX_PTHREAD_COUNT"},
};

/* Somebody else's word, where the command takes what it is here. */
static int other_word(const char *typed, const char *dashes, unsigned commands, motcl_err *err) {
  for (size_t i = 0; i < sizeof of_others / sizeof *of_others; i++) {
    if (strcmp(of_others[i].word, typed) != 0)
      continue;
    if (!of_others[i].option)
      return motcl_fail(err, MOTCL_EINVAL, "there is no option '%s%s'; %s", dashes, typed,
                        of_others[i].otherwise);
    const mcl_option *row = mcl_option_find(of_others[i].option);
    if (row->commands & commands)
      return motcl_fail(err, MOTCL_EINVAL, "there is no option '%s%s'; here it is --%s %s", dashes,
                        typed, row->name, row->argument);
  }
  return MOTCL_OK;
}

static int unknown_letter(const char *word, unsigned commands, const char *name, motcl_err *err) {
  int rc = other_word(word + 1, "-", commands, err);
  const char *other = word[1] && !word[2] ? taker(NULL, word[1]) : NULL;
  if (rc != MOTCL_OK)
    return rc;
  if (other)
    return motcl_fail(err, MOTCL_EINVAL, "%s is an option of 'motcl %s', not of this command", word,
                      other);
  return motcl_fail(err, MOTCL_EINVAL,
                    "there is no option '%.80s'; 'motcl %s --help' lists them, and a text that "
                    "begins with a hyphen goes after --",
                    word, name);
}

int mcl_option_unknown(const char *word, unsigned commands, const char *name, motcl_err *err) {
  const char *known[MCL_MOST_OPTIONS + 1] = {NULL}, *close, *other;
  char typed[LONGEST + 1] = "";
  size_t n = 0, length = strcspn(word + (word[1] == '-' ? 2 : 1), "=");
  if (word[1] != '-')
    return unknown_letter(word, commands, name, err);
  memcpy(typed, word + 2, length < LONGEST ? length : LONGEST);
  for (size_t i = 0; i < mcl_option_count; i++)
    if (mcl_option_table[i].commands & commands)
      known[n++] = mcl_option_table[i].name;
  close = mcl_closest(typed, known);
  int rc = other_word(typed, "--", commands, err);
  if (rc != MOTCL_OK)
    return rc;
  other = taker(typed, 0);
  if (other)
    return motcl_fail(err, MOTCL_EINVAL, "--%s is an option of 'motcl %s', not of this command",
                      typed, other);
  if (close)
    return motcl_fail(err, MOTCL_EINVAL, "there is no option '--%s'; did you mean '--%s'?", typed,
                      close);
  return motcl_fail(err, MOTCL_EINVAL, "there is no option '--%s'; 'motcl %s --help' lists them",
                    typed, name);
}
