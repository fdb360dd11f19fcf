/* parse.c - words of a command line to values. */
#include <stdlib.h>
#include <string.h>

#include "cli/memory.h"
#include "cli/options/options.h"

/* over: the line is read on top of settings that are not to be covered by the configuration. */
typedef struct reader {
  mcl_options *o;
  unsigned commands;
  bool over;
  const char *name;
  const char *const *word;
  size_t n, at;
  motcl_err *err;
} reader;

static int refused(const reader *r, int rc) {
  return rc == MOTCL_EINVAL && r->err ? mcl_fail_about(r->err, rc, r->name) : rc;
}

static int keep_word(reader *r, const char *word) {
  mcl_options *o = r->o;
  void *p = (void *)o->words;
  int rc = mcl_one_more(&p, &o->word_cap, o->word_count, sizeof(char *), r->err);
  if (rc != MOTCL_OK)
    return rc;
  o->words = (const char **)p;
  o->words[o->word_count++] = word;
  return MOTCL_OK;
}

/* Options that say how one output is made; how pictures are read is one thing for all. */
static bool is_own(const mcl_option *row) {
  static const char *const not [] = {"count", "no-auto-orient"};
  for (size_t i = 0; i < sizeof not / sizeof *not ; i++)
    if (!strcmp(row->name, not [i]))
      return false;
  return row->section == MCL_SECTION_PICTURE || row->section == MCL_SECTION_TEXT ||
         !strcmp(row->name, "seed");
}

static bool behind_output(const mcl_options *o) {
  return o->typed_count && o->typed[o->typed_count - 1].kind == MOTCL_ITEM_OUTPUT;
}

static int keep_own(mcl_options *o, const mcl_option *row, const char *argument, motcl_err *err) {
  void *p = o->owns;
  int rc = mcl_one_more(&p, &o->own_cap, o->own_count, sizeof *o->owns, err);
  if (rc != MOTCL_OK)
    return rc;
  o->owns = p;
  o->owns[o->own_count++] = (mcl_own_option){o->typed_count - 1, row, argument};
  return MOTCL_OK;
}

/* Stop texts of a higher place are instead of those of a lower one, and not beside them. */
int mcl_option_take(mcl_options *o, const mcl_option *row, const char *argument, mcl_given from,
                    motcl_err *err) {
  mcl_given *given = &o->given[row - mcl_option_table];
  if (*given > from)
    return MOTCL_OK;
  if (row->kind == MCL_OPT_STOP && *given < from)
    o->request.settings.stops = 0;
  *given = from;
  return mcl_option_set(o, row, argument, err);
}

static int set_whole(mcl_options *o, const mcl_option *row, const char *argument, motcl_err *err) {
  return mcl_option_take(o, row, argument, MCL_GIVEN_TYPED, err);
}

/* All settings that the item ends up with. */
static int set_own(mcl_options *o, size_t item, motcl_err *err) {
  mcl_options as = {.request = o->request};
  mcl_typed_item *t = &o->typed[item];
  int rc = MOTCL_OK;
  for (size_t i = 0; i < o->own_count && rc == MOTCL_OK; i++) {
    if (o->owns[i].item != item)
      continue;
    t->own = true;
    rc = set_whole(&as, o->owns[i].row, o->owns[i].argument, err);
  }
  t->settings = as.request.settings;
  t->noise = as.noise;
  t->stop = as.stop;
  t->seeded = mcl_option_given(&as, "seed");
  t->seed = as.request.seed;
  return rc;
}

/* What stands behind the outputs, now that the rest is known. Of a single one it is the job's. */
static int take_owns(reader *r) {
  mcl_options *o = r->o;
  int rc = MOTCL_OK;
  if (o->wants > 1 && !o->like) {
    for (size_t i = 0; i < o->typed_count && rc == MOTCL_OK; i++)
      rc = set_own(o, i, r->err);
    return refused(r, rc);
  }
  for (size_t i = 0; i < o->own_count && rc == MOTCL_OK; i++)
    rc = set_whole(o, o->owns[i].row, o->owns[i].argument, r->err);
  return refused(r, rc);
}

/* `argument` is what follows the option in the same word, or NULL. */
static int take(reader *r, size_t i, const char *argument) {
  const mcl_option *row = &mcl_option_table[i];
  if (row->argument && !argument) {
    if (r->at == r->n)
      return refused(r, motcl_fail(r->err, MOTCL_EINVAL, "--%s needs its %s (%s)", row->name,
                                   row->argument, row->about));
    argument = r->word[r->at++];
  }
  if (!row->argument && argument && row->kind != MCL_OPT_FLAG)
    return refused(r, motcl_fail(r->err, MOTCL_EINVAL, "--%s takes nothing, not '%.80s'", row->name,
                                 argument));
  if (is_own(row) && behind_output(r->o))
    return refused(r, keep_own(r->o, row, argument, r->err));
  return refused(r, set_whole(r->o, row, argument, r->err));
}

static int unknown(const reader *r, const char *word) {
  return refused(r, mcl_option_unknown(word, r->commands, r->name, r->err));
}

static int take_long(reader *r, const char *word) {
  const char *name = word + 2, *equals = strchr(name, '=');
  size_t n = equals ? (size_t)(equals - name) : strlen(name);
  for (size_t i = 0; i < mcl_option_count; i++) {
    const mcl_option *row = &mcl_option_table[i];
    if ((row->commands & r->commands) && strlen(row->name) == n && !strncmp(row->name, name, n))
      return take(r, i, equals ? equals + 1 : NULL);
  }
  return unknown(r, word);
}

static int take_letters(reader *r, const char *word) {
  const char *c = word + 1;
  int rc = MOTCL_OK;
  while (*c && rc == MOTCL_OK) {
    size_t i = 0;
    while (i < mcl_option_count &&
           !(mcl_option_table[i].letter == *c && (mcl_option_table[i].commands & r->commands)))
      i++;
    c++;
    if (i == mcl_option_count)
      return unknown(r, word);
    if (mcl_option_table[i].argument)
      return take(r, i, *c ? c : NULL);
    rc = take(r, i, NULL);
  }
  return rc;
}

static int read_line(reader *r) {
  bool only_words = false;
  int rc = MOTCL_OK;
  while (r->at < r->n && rc == MOTCL_OK) {
    const char *w = r->word[r->at++];
    if (only_words || w[0] != '-' || !w[1])
      rc = keep_word(r, w);
    else if (!strcmp(w, "--"))
      only_words = true;
    else
      rc = w[1] == '-' ? take_long(r, w) : take_letters(r, w);
  }
  if (rc == MOTCL_OK)
    rc = mcl_config_apply(r->o, r->commands, r->over, r->err);
  return rc == MOTCL_OK ? take_owns(r) : rc;
}

int mcl_options_parse(mcl_options *o, bool edit, unsigned commands, const char *name,
                      mcl_config *settings, const char *const *word, size_t n, motcl_err *err) {
  reader r = {o, commands, false, name, word, n, 0, err};
  memset(o, 0, sizeof *o);
  o->request = motcl_request_default(edit);
  o->count = 1;
  o->settings = settings;
  o->command = name;
  o->line = word;
  o->line_count = n;
  return read_line(&r);
}

/* The settings that an output has on its own, and what they point to. */
static void take_own(mcl_typed_item *to, mcl_typed_item *from) {
  if (!from->own)
    return;
  free((void *)to->stop);
  *to = *from;
  from->stop = NULL;
}

static int read_again(mcl_options *o, const motcl_settings *settings, uint64_t seed, bool over,
                      motcl_err *err) {
  mcl_options again = {.request = {.settings = *settings, .seed = seed}, .settings = o->settings};
  reader r = {&again, MCL_CMD_ALL, over, "run", o->line, o->line_count, 0, err};
  int rc = read_line(&r);
  if (rc == MOTCL_OK) {
    o->request.settings = again.request.settings;
    if (again.stop) /* the same texts, as it is the same line */
      o->request.settings.stop = o->stop;
    o->request.seed = again.request.seed;
    for (size_t i = 0; i < again.typed_count; i++)
      take_own(&o->typed[i], &again.typed[i]);
  }
  mcl_options_finish(&again);
  return rc;
}

int mcl_options_over(mcl_options *o, const motcl_settings *settings, uint64_t seed,
                     motcl_err *err) {
  return read_again(o, settings, seed, true, err);
}

int mcl_options_default(mcl_options *o, const motcl_settings *settings, motcl_err *err) {
  return read_again(o, settings, o->request.seed, false, err);
}

void mcl_options_copy(mcl_options *o, const mcl_options *from) {
  *o = *from;
  o->typed = NULL;
  o->typed_count = o->typed_cap = o->wants = 0;
  o->stop = NULL;
  o->protocol_text = o->system_text = NULL;
  o->owns = NULL;
  o->own_count = o->own_cap = 0;
  o->words = NULL;
  o->word_count = o->word_cap = 0;
  o->preset = NULL;
  o->presets = o->preset_cap = 0;
  o->label = NULL;
  o->labels = o->label_cap = 0;
}

void mcl_options_finish(mcl_options *o) {
  for (size_t i = 0; i < o->typed_count; i++)
    free((void *)o->typed[i].stop);
  free((void *)o->stop);
  free(o->protocol_text);
  free(o->system_text);
  free((void *)o->label);
  free(o->typed);
  free(o->owns);
  free((void *)o->words);
  free((void *)o->preset);
  memset(o, 0, sizeof *o);
}
