/* parse.c - words of a command line to values. */
#include <stdlib.h>
#include <string.h>

#include "cli/memory.h"
#include "cli/options/options.h"

typedef struct reader {
  mcl_options *o;
  unsigned commands;
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

/* `argument` is what follows the option in the same word, or NULL. */
static int take(reader *r, size_t i, const char *argument) {
  const mcl_option *row = &mcl_option_table[i];
  if (row->argument && !argument) {
    if (r->at == r->n)
      return refused(r, motcl_fail(r->err, MOTCL_EINVAL, "--%s needs its %s (%s)", row->name,
                                   row->argument, row->about));
    argument = r->word[r->at++];
  }
  if (!row->argument && argument)
    return refused(r, motcl_fail(r->err, MOTCL_EINVAL, "--%s takes nothing, not '%.80s'", row->name,
                                 argument));
  r->o->given |= (uint64_t)1 << i;
  return refused(r, mcl_option_set(r->o, row, argument, r->err));
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
  return rc;
}

int mcl_options_parse(mcl_options *o, bool edit, unsigned commands, const char *name,
                      const char *const *word, size_t n, motcl_err *err) {
  reader r = {o, commands, name, word, n, 0, err};
  memset(o, 0, sizeof *o);
  o->request = motcl_request_default(edit);
  o->count = 1;
  o->line = word;
  o->line_count = n;
  return read_line(&r);
}

int mcl_options_over(mcl_options *o, const motcl_settings *settings, uint64_t seed,
                     motcl_err *err) {
  mcl_options again = {.request = {.settings = *settings, .seed = seed}};
  reader r = {&again, MCL_CMD_ALL, "run", o->line, o->line_count, 0, err};
  int rc = read_line(&r);
  if (rc == MOTCL_OK) {
    o->request.settings = again.request.settings;
    o->request.seed = again.request.seed;
  }
  mcl_options_finish(&again);
  return rc;
}

void mcl_options_finish(mcl_options *o) {
  free(o->typed);
  free((void *)o->words);
  memset(o, 0, sizeof *o);
}
