/* bash.c - tables for bash, as functions that set a variable: a completion starts no process. */
#include "cli/manual/manual.h"

static void put_takes(FILE *f, const mcl_takes *t) {
  static const char *const kinds[] = {[MCL_TAKES_NOTHING] = "nothing",
                                      [MCL_TAKES_WORDS] = "words",
                                      [MCL_TAKES_FILE] = "files",
                                      [MCL_TAKES_FOLDER] = "folders",
                                      [MCL_TAKES_PRESET] = "presets"};
  fprintf(f, "'%s%s%s'", kinds[t->kind], *t->words ? " " : "", t->words);
}

static void put_options(FILE *f, const mcl_command *c) {
  const char *gap = "";
  fprintf(f, "  %s) offers='", c ? c->name : "''");
  for (const mcl_command *const *each = mcl_commands; !c && *each; each++) {
    fprintf(f, "%s%s", gap, (*each)->name);
    gap = " ";
  }
  for (size_t i = 0; i < mcl_option_count; i++) {
    const mcl_option *row = &mcl_option_table[i];
    if (c ? !mcl_takes_offered(c, row) : !mcl_takes_alone(row))
      continue;
    fprintf(f, "%s--%s", gap, row->name);
    gap = " ";
  }
  fputs("' ;;\n", f);
}

static void put_arguments(FILE *f) {
  for (size_t i = 0; i < mcl_option_count; i++) {
    const mcl_option *row = &mcl_option_table[i];
    mcl_takes t = mcl_takes_of_option(row);
    if (!row->argument)
      continue;
    fprintf(f, "  --%s", row->name);
    if (row->letter)
      fprintf(f, " | -%c", row->letter);
    fputs(") takes=", f);
    put_takes(f, &t);
    fputs(" ;;\n", f);
  }
}

void mcl_manual_bash(FILE *f) {
  fputs("# bash completion for motcl, made from its tables of commands and options.\n\n"
        "# offers: the options of the command $1; without one, what may follow motcl\n"
        "_motcl_offers() {\n  case $1 in\n",
        f);
  put_options(f, NULL);
  for (const mcl_command *const *c = mcl_commands; *c; c++)
    put_options(f, *c);
  fputs(
      "  *) offers= ;;\n  esac\n}\n\n# takes: the argument of the option $1, empty if it has none\n"
      "_motcl_argument() {\n  case $1 in\n",
      f);
  put_arguments(f);
  fputs("  *) takes= ;;\n  esac\n}\n\n# takes: the words of the command $1\n"
        "_motcl_words() {\n  case $1 in\n",
        f);
  for (const mcl_command *const *c = mcl_commands; *c; c++) {
    mcl_takes t = mcl_takes_of_command(*c);
    fprintf(f, "  %s) takes=", (*c)->name);
    put_takes(f, &t);
    fputs(" ;;\n", f);
  }
  fputs("  *) takes=nothing ;;\n  esac\n}\n\n", f);
}
