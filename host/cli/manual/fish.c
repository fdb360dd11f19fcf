/* fish.c - completion for fish: a line for each option, with the commands that take it. */
#include <string.h>

#include "cli/manual/manual.h"

static void put(FILE *f, const char *s) {
  fputc('\'', f);
  for (; *s; s++)
    fprintf(f, "%s%c", strchr("'\\", *s) ? "\\" : "", *s);
  fputc('\'', f);
}

/* fish finds files by one ending only, so pictures are any files. */
static void put_takes(FILE *f, const mcl_takes *t) {
  switch (t->kind) {
  case MCL_TAKES_NOTHING:
    break;
  case MCL_TAKES_WORDS:
    fprintf(f, " -a '%s'", t->words);
    break;
  case MCL_TAKES_FILE:
    if (strchr(t->words, ' '))
      fputs(" -F", f);
    else
      fprintf(f, " -k -a '(__fish_complete_suffix .%s)'", t->words);
    break;
  case MCL_TAKES_FOLDER:
    fputs(" -a '(__fish_complete_directories)'", f);
    break;
  case MCL_TAKES_PRESET:
    fputs(" -a '(__motcl_presets)'", f);
    break;
  }
}

static void put_option(FILE *f, const mcl_option *row) {
  mcl_takes t = mcl_takes_of_option(row);
  fputs("complete -c motcl -n '__motcl_in", f);
  if (mcl_takes_alone(row))
    fputs(" \"\"", f);
  for (const mcl_command *const *c = mcl_commands; *c; c++)
    if (mcl_takes_offered(*c, row))
      fprintf(f, " %s", (*c)->name);
  fputc('\'', f);
  if (row->letter)
    fprintf(f, " -s %c", row->letter);
  fprintf(f, " -l %s", row->name);
  if (row->argument)
    fputs(t.kind == MCL_TAKES_FILE ? " -r" : " -x", f);
  put_takes(f, &t);
  fputs(" -d ", f);
  put(f, row->about);
  fputc('\n', f);
}

static void put_command(FILE *f, const mcl_command *c) {
  mcl_takes t = mcl_takes_of_command(c);
  fprintf(f, "complete -c motcl -n '__motcl_in \"\"' -a %s -d ", c->name);
  put(f, c->about);
  fputc('\n', f);
  if (t.kind == MCL_TAKES_NOTHING)
    return;
  fprintf(f, "complete -c motcl -n '__motcl_in %s'", c->name);
  put_takes(f, &t);
  fputc('\n', f);
}

void mcl_manual_fish(FILE *f) {
  fputs("# fish completion for motcl, made from its tables of commands and options.\n\n"
        "# whether the command is one of these; \"\" stands for none yet\n"
        "function __motcl_in\n"
        "  set -l words (commandline -opc)\n"
        "  contains -- \"$words[2]\" $argv\n"
        "end\n\n"
        "function __motcl_presets\n"
        "  set -l file ~/.config/motcl/config\n"
        "  test -n \"$XDG_CONFIG_HOME\"; and set file $XDG_CONFIG_HOME/motcl/config\n"
        "  test -f $file; and string replace -rf "
        "'^\\s*\\[\\s*preset\\s+([^\\]\\s#]+).*' '$1' <$file\n"
        "end\n\n"
        "complete -c motcl -f\n",
        f);
  for (const mcl_command *const *c = mcl_commands; *c; c++)
    put_command(f, *c);
  for (size_t i = 0; i < mcl_option_count; i++)
    if (mcl_option_table[i].section != MCL_SECTION_TESTS)
      put_option(f, &mcl_option_table[i]);
}
