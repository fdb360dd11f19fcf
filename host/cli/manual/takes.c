/* takes.c - what may follow an option or a command, read off the words of their tables. */
#include "config.h"

#include <string.h>

#include "cli/manual/manual.h"

#define PICTURES "png jpg jpeg webp"

static void add(mcl_takes *t, const char *word, size_t n) {
  size_t at = strlen(t->words);
  snprintf(t->words + at, sizeof t->words - at, "%s%.*s", at ? " " : "", (int)n, word);
}

/* Endings have blanks or bars between them. */
static mcl_takes files(const char *endings) {
  mcl_takes t = {.kind = MCL_TAKES_FILE};
  add(&t, endings, strlen(endings));
  for (char *c = t.words; (c = strchr(c, '|'));)
    *c = ' ';
  return t;
}

/* Kinds of devices, and the drivers of this build whose names are not one of them. */
static mcl_takes devices(void) {
#define NAME(driver) #driver,
  static const char *const drivers[] = {MCL_DRIVERS(NAME)};
#undef NAME
  mcl_takes t = {MCL_TAKES_WORDS, "cpu gpu accel"};
  for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++)
    if (strcmp(drivers[i], "cpu") != 0)
      add(&t, drivers[i], strlen(drivers[i]));
  return t;
}

static mcl_takes one_of(const char *words) {
  mcl_takes t = {.kind = MCL_TAKES_WORDS};
  while (*words) {
    size_t n = strcspn(words, "|");
    add(&t, words, n);
    words += n + (words[n] == '|');
  }
  return t;
}

mcl_takes mcl_takes_of_option(const mcl_option *row) {
  const char *a = row->argument ? row->argument : "";
  if (!strcmp(a, "MODEL"))
    return files("safetensors json");
  if (!strcmp(a, "DIR"))
    return (mcl_takes){.kind = MCL_TAKES_FOLDER};
  if (!strcmp(a, "PRESET"))
    return (mcl_takes){.kind = MCL_TAKES_PRESET};
  if (!strcmp(a, "DEVICE"))
    return devices();
  if (!strncmp(a, "FILE", 4))
    return files(a[4] == '.' ? a + 5 : PICTURES);
  if (strchr(a, '|'))
    return one_of(a);
  return (mcl_takes){.kind = MCL_TAKES_NOTHING};
}

static mcl_takes jobs(void) {
  mcl_takes t = {.kind = MCL_TAKES_WORDS};
  for (const mcl_command *const *c = mcl_commands; *c; c++)
    if ((*c)->fill)
      add(&t, (*c)->name, strlen((*c)->name));
  return t;
}

mcl_takes mcl_takes_of_command(const mcl_command *c) {
  if (c->bit == MCL_CMD_PLAN || c->bit == MCL_CMD_SUBMIT)
    return jobs();
  if (c->most && strstr(c->words, "PICTURE"))
    return files(PICTURES);
  if (c->most && strstr(c->words, "MODEL"))
    return (mcl_takes){.kind = MCL_TAKES_FOLDER};
  return (mcl_takes){.kind = MCL_TAKES_NOTHING};
}

bool mcl_takes_offered(const mcl_command *c, const mcl_option *row) {
  return (row->commands & c->takes) && row->section != MCL_SECTION_TESTS;
}

bool mcl_takes_alone(const mcl_option *row) {
  return !strncmp(row->name, "help", 4) || !strcmp(row->name, "version");
}
