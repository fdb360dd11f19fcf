/* zsh.c - completion for zsh: a function for each command, in the terms of its _arguments. */
#include <string.h>

#include "cli/manual/manual.h"

/* Text inside single quotes; what _arguments would take for its own gets a backslash. */
static void put(FILE *f, const char *s) {
  for (; *s; s++)
    if (*s == '\'')
      fputs("'\\''", f);
    else
      fprintf(f, "%s%c", strchr("[]:\\", *s) ? "\\" : "", *s);
}

/* Files by a pattern; one ending in parentheses would be taken for a glob qualifier. */
static void put_files(FILE *f, const char *endings) {
  bool several = strchr(endings, ' ') != NULL;
  fprintf(f, "_files -g \"(#i)*.%s", several ? "(" : "");
  for (; *endings; endings++)
    fputc(*endings == ' ' ? '|' : *endings, f);
  fprintf(f, "%s\"", several ? ")" : "");
}

/* What _arguments calls an action. */
static void put_takes(FILE *f, const mcl_takes *t) {
  switch (t->kind) {
  case MCL_TAKES_NOTHING:
    fputc(' ', f);
    break;
  case MCL_TAKES_WORDS:
    fprintf(f, "(%s)", t->words);
    break;
  case MCL_TAKES_FILE:
    put_files(f, t->words);
    break;
  case MCL_TAKES_FOLDER:
    fputs("_files -/", f);
    break;
  case MCL_TAKES_PRESET:
    fputs("_motcl_presets", f);
    break;
  }
}

/* An option that may come again has a star before its names; another excludes itself. */
static bool comes_again(const mcl_option *row) {
  switch (row->kind) {
  case MCL_OPT_STOP:
  case MCL_OPT_PRESET:
  case MCL_OPT_LABEL:
  case MCL_OPT_PART_TEXT:
  case MCL_OPT_PART_PICTURE:
  case MCL_OPT_PART_SYSTEM:
  case MCL_OPT_DRAW:
  case MCL_OPT_WRITE:
  case MCL_OPT_UNTIL_DONE:
    return true;
  default:
    return false;
  }
}

static void put_names(FILE *f, const mcl_option *row) {
  const char *equals = row->argument ? "=" : "", *plus = row->argument ? "+" : "";
  bool again = comes_again(row);
  if (!row->letter)
    fprintf(f, "'%s--%s%s[", again ? "*" : "", row->name, equals);
  else if (again)
    fprintf(f, "'*'{-%c%s,--%s%s}'[", row->letter, plus, row->name, equals);
  else
    fprintf(f, "'(-%c --%s)'{-%c%s,--%s%s}'[", row->letter, row->name, row->letter, plus, row->name,
            equals);
}

static void put_option(FILE *f, const mcl_option *row) {
  mcl_takes t = mcl_takes_of_option(row);
  fputs(" \\\n    ", f);
  put_names(f, row);
  put(f, row->about);
  fputc(']', f);
  if (row->argument) {
    fputc(':', f);
    put(f, row->argument);
    fputc(':', f);
    put_takes(f, &t);
  }
  fputc('\'', f);
}

static void put_words(FILE *f, const mcl_command *c) {
  mcl_takes t = mcl_takes_of_command(c), picture = {MCL_TAKES_FILE, "png jpg jpeg webp"};
  bool job = c->bit == MCL_CMD_PLAN || c->bit == MCL_CMD_SUBMIT;
  if (!c->most)
    return;
  fprintf(f, " \\\n    '%s:", job ? "1" : "*");
  put(f, job ? "job" : c->words);
  fputc(':', f);
  if (t.kind == MCL_TAKES_NOTHING)
    fputs("( )", f); /* a mere message would keep options back */
  else
    put_takes(f, &t);
  fputc('\'', f);
  if (job) {
    fputs(" \\\n    '*:word:", f);
    put_takes(f, &picture);
    fputc('\'', f);
  }
}

static void put_command(FILE *f, const mcl_command *c) {
  fprintf(f, "_motcl-%s() {\n  _arguments -s -S", c->name);
  for (size_t i = 0; i < mcl_option_count; i++)
    if (mcl_takes_offered(c, &mcl_option_table[i]))
      put_option(f, &mcl_option_table[i]);
  put_words(f, c);
  fputs("\n}\n\n", f);
}

static void put_first(FILE *f) {
  fputs("_motcl() {\n  local curcontext=$curcontext state line ret=1\n"
        "  local -A opt_args\n  local -a commands=(\n",
        f);
  for (const mcl_command *const *c = mcl_commands; *c; c++) {
    fprintf(f, "    '%s:", (*c)->name);
    put(f, (*c)->about);
    fputs("'\n", f);
  }
  fputs("  )\n  _arguments -C", f);
  for (size_t i = 0; i < mcl_option_count; i++)
    if (mcl_takes_alone(&mcl_option_table[i]))
      put_option(f, &mcl_option_table[i]);
  fputs(" \\\n    '1:command:->command' '*::word:->words' && ret=0\n"
        "  case $state in\n"
        "  command) _describe -t commands 'motcl command' commands && ret=0 ;;\n"
        "  words)\n"
        "    curcontext=${curcontext%:*:*}:motcl-$words[1]:\n"
        "    (( $+functions[_motcl-$words[1]] )) && _motcl-$words[1] && ret=0\n"
        "    ;;\n"
        "  esac\n"
        "  return ret\n"
        "}\n\n"
        "_motcl \"$@\"\n",
        f);
}

void mcl_manual_zsh(FILE *f) {
  fputs("#compdef motcl\n"
        "# zsh completion for motcl, made from its tables of commands and options.\n\n"
        "_motcl_presets() {\n"
        "  local file=${XDG_CONFIG_HOME:-$HOME/.config}/motcl/config\n"
        "  local -a names=(${(f)\"$(sed -n "
        "'s/^[[:blank:]]*\\[[[:blank:]]*preset[[:blank:]]*\\([^][:blank:]#]*\\).*/\\1/p' $file "
        "2>/dev/null)\"})\n"
        "  compadd -a names\n}\n\n",
        f);
  for (const mcl_command *const *c = mcl_commands; *c; c++)
    put_command(f, *c);
  put_first(f);
}
