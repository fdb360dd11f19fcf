/* page.c - pages of the manual in roff, by the man macros that every formatter knows. */
#include <ctype.h>
#include <string.h>

#include "cli/manual/manual.h"
#include "cli/options/help.h"

/* A stop at the beginning of a line would be a command; the others that roff would change have
 * names there. */
static void put_n(FILE *f, const char *s, size_t n) {
  static const char from[] = "-\\'`^~\"";
  static const char *const to[] = {"\\-", "\\e", "\\(aq", "\\(ga", "\\(ha", "\\(ti", "\\(dq"};
  for (size_t i = 0; i < n; i++) {
    const char *c = strchr(from, s[i]);
    if (s[i] == '.' && (!i || s[i - 1] == '\n'))
      fputs("\\&", f);
    if (c)
      fputs(to[c - from], f);
    else
      fputc(s[i], f);
  }
}

void mcl_roff_put(FILE *f, const char *s) {
  put_n(f, s, strlen(s));
}

static void put_bold(FILE *f, const char *s, size_t n) {
  fputs("\\fB", f);
  put_n(f, s, n);
  fputs("\\fR", f);
}

/* Words to be filled in are written in capitals, and those to be typed are not. */
static void put_usage(FILE *f, const char *s) {
  while (*s) {
    size_t n = strcspn(s, " []|.:=,");
    if (!n) {
      put_n(f, s++, 1);
    } else {
      fputs(isupper((unsigned char)*s) ? "\\fI" : "\\fB", f);
      put_n(f, s, n);
      fputs("\\fR", f);
      s += n;
    }
  }
}

/* A first letter in capitals and a stop make a sentence. */
void mcl_roff_sentence(FILE *f, const char *s) {
  char first = (char)toupper((unsigned char)*s);
  size_t n = strlen(s);
  put_n(f, &first, 1);
  mcl_roff_put(f, s + 1);
  fputs(s[n - 1] == '.' ? "\n" : ".\n", f);
}

static void put_section(FILE *f, const char *heading) {
  fprintf(f, ".SH %s\n", heading);
}

static void put_paragraphs(FILE *f, const char *const *text, size_t n) {
  for (size_t i = 0; i < n; i++) {
    fputs(i ? ".PP\n" : "", f);
    mcl_roff_put(f, text[i]);
    fputc('\n', f);
  }
}

static void put_option(FILE *f, const mcl_option *row) {
  char letter[3] = {'-', row->letter, 0}, name[40];
  snprintf(name, sizeof name, "--%s", row->name);
  fputs(".TP\n", f);
  if (row->letter) {
    put_bold(f, letter, 2);
    fputs(", ", f);
  }
  put_bold(f, name, strlen(name));
  if (row->argument) {
    fputc(' ', f);
    put_usage(f, row->argument);
  }
  fputc('\n', f);
  mcl_roff_sentence(f, row->about);
  if (row->other) {
    fputs("Default: ", f);
    mcl_roff_put(f, row->other);
    fputs(".\n", f);
  }
}

static void put_options(FILE *f, const mcl_command *c) {
  put_section(f, "OPTIONS");
  for (int s = 0; s < MCL_SECTION_COUNT; s++) {
    bool headed = false;
    for (size_t i = 0; i < mcl_option_count; i++) {
      const mcl_option *row = &mcl_option_table[i];
      if ((int)row->section != s || (c ? !(row->commands & c->takes) : !mcl_takes_alone(row)))
        continue;
      if (!headed && c)
        fprintf(f, ".SS %s\n", mcl_help_heading((mcl_option_section)s));
      headed = true;
      put_option(f, row);
    }
  }
}

static void put_environment(FILE *f) {
  put_section(f, "ENVIRONMENT");
  for (size_t i = 0; i < mcl_env_count; i++) {
    fputs(".TP\n", f);
    put_bold(f, mcl_env_table[i].name, strlen(mcl_env_table[i].name));
    fputc('\n', f);
    mcl_roff_sentence(f, mcl_env_table[i].about);
  }
  fputs(".PP\nAn empty variable is one that is not set.\n", f);
}

static void put_configuration(FILE *f) {
  static const char *const before[] = {
      "Options that would be typed each time can stand in a file: motcl/config in\n"
      "$XDG_CONFIG_HOME, or in ~/.config where that is not set, or the one that --config\n"
      "names. A line is an option by its long name, and its argument, with an equals sign\n"
      "or a blank between. What # begins is a comment; arguments may have quotes as in a\n"
      "shell; in a folder, ~/ is your own.",
      "[preset NAME] begins a group of options, which hold only where --preset NAME is\n"
      "given. Of several presets, a later one goes over those before it."};
  static const char *const lines[] = {"model = ~/models/BAGEL-7B-MoT",
                                      "negative = 'blurred, dark'",
                                      "quiet",
                                      "[preset fast]",
                                      "size = 512x512",
                                      "timesteps = 15"};
  static const char *const after[] = {
      "What is typed goes over a preset, that over MOTCL_MODEL in the environment, that over\n"
      "the file, and that over the default. What is on there is taken back by =off, as in\n"
      "--quiet=off. A job and a picture of --like bring settings of their own, which go over\n"
      "those of the file.",
      "A command passes over what it does not take. What is said and asked for, names of\n"
      "files of one run, and options that are about one run, as --json, cannot stand there.\n"
      "Whatever is wrong in the file is told with its line, and nothing is done.",
      "The file is to be yours or root's, and others must not be able to write to it, unless\n"
      "--config names it. -v tells its name.",
      "A script that is to do the same for everybody gives --no-config each time, or sets\n"
      "XDG_CONFIG_HOME to /dev/null once."};
  put_section(f, "CONFIGURATION");
  put_paragraphs(f, before, sizeof before / sizeof *before);
  fputs(".PP\n.RS 4\n.nf\n", f);
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    mcl_roff_put(f, lines[i]);
    fputc('\n', f);
  }
  fputs(".fi\n.RE\n.PP\n", f);
  put_paragraphs(f, after, sizeof after / sizeof *after);
}

static void put_files(FILE *f) {
  static const struct {
    const char *name, *about;
  } files[] = {
      {"$XDG_CACHE_HOME/motcl", "measured rates, fits of previews and built kernels. Whoever can "
                                "write to it could have motcl run their\nkernels: it is used only "
                                "where nobody but you can. It may be removed at any time"},
      {"$XDG_CACHE_HOME/pocl/kcache",
       "what PoCL has compiled, where POCL_CACHE_DIR names no other folder. Where it cannot\nbe "
       "written to, has no room, or others can write to it\nor above it, motcl-UID in $TMPDIR is "
       "taken"},
      {"$XDG_CONFIG_HOME/motcl/config", "options that need not be typed, and presets"},
      {"$XDG_STATE_HOME/motcl", "what was typed in 'motcl chat'"},
  };
  put_section(f, "FILES");
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    fputs(".TP\n", f);
    put_bold(f, files[i].name, strlen(files[i].name));
    fputc('\n', f);
    mcl_roff_sentence(f, files[i].about);
  }
}

static void put_exits(FILE *f) {
  put_section(f, "EXIT STATUS");
  for (int i = 0; i < MCL_EXITS; i++) {
    fprintf(f, ".TP\n.B %d\n", i);
    mcl_roff_sentence(f, mcl_exit_about[i]);
  }
}

static void put_example(FILE *f, const mcl_example *e) {
  mcl_roff_sentence(f, e->about);
  if (e->published)
    fputs("This takes the published model.\n", f);
  fputs(".PP\n.RS 4\n.nf\n$ ", f);
  mcl_roff_put(f, e->line);
  fputs("\n.fi\n.RE\n", f);
}

/* The first examples of a command. */
static void put_some(FILE *f, const mcl_command *c, size_t most) {
  for (size_t i = 0; i < most && c->examples[i].line; i++) {
    if (i)
      fputs(".PP\n", f);
    put_example(f, &c->examples[i]);
  }
}

/* All of a command, or with NULL one of each. */
static void put_examples(FILE *f, const mcl_command *only) {
  put_section(f, "EXAMPLES");
  if (only)
    put_some(f, only, MCL_EXAMPLES);
  for (const mcl_command *const *c = mcl_commands; !only && *c; c++) {
    if (c != mcl_commands)
      fputs(".PP\n", f);
    put_some(f, *c, 1);
  }
}

static void put_see_also(FILE *f, const mcl_command *but) {
  put_section(f, "SEE ALSO");
  if (but)
    fputs(".BR motcl (1)", f);
  for (const mcl_command *const *c = mcl_commands; *c; c++)
    if (*c != but)
      fprintf(f, "%s.BR motcl\\-%s (1)", but || c != mcl_commands ? ",\n" : "", (*c)->name);
  fputc('\n', f);
}

static void put_commands(FILE *f) {
  put_section(f, "COMMANDS");
  for (const mcl_command *const *c = mcl_commands; *c; c++) {
    fprintf(f, ".TP\n.BR motcl\\-%s (1)\n", (*c)->name);
    mcl_roff_sentence(f, (*c)->about);
  }
  fputs(".TP\n.B motcl help [COMMAND]\nPrints the help of a command, or of motcl, as --help does.\n"
        ".TP\n.B motcl version\nPrints the version, the drivers and what they find, as --version "
        "does.\n",
        f);
}

static void put_overview(FILE *f) {
  static const char *const paragraphs[] = {
      MCL_ABOUT,
      "What is computed is equal on every device within rounding, and byte for byte\n"
      "where the fingerprint is the same;\n"
      "'motcl plan' prints it, and pictures carry it.",
      "Pictures come in as PNG, JPEG or WebP files, and go to files, over one that\n"
      "is there only with --force, and only once the new one is whole.\n"
      "Results are printed on standard output, everything else on standard error.\n"
      "With --json standard output is one JSON object, whatever came of the command.",
      "In the name that -o gives, %s is the picture's seed, %n its number among those that\n"
      "are drawn, from 1, and %% a percent sign. Where several are drawn to a name without\n"
      "%s and %n, each has its seed before the ending. A folder, one that is there or a name\n"
      "that ends in a slash, gets them as motcl-SEED.png.",
      "Texts are UTF-8, from words, standard input and scripts alike: a mark of UTF-8 at\n"
      "the beginning is passed over, and lines may end as they do on any system.\n"
      "Control characters are refused with their place, line and column counted from 1,\n"
      "as is what is no UTF-8.",
      "A file's name that is no UTF-8 is printed as shells write it, $'caf\\351.png', in\n"
      "messages and with --json, so that it can be typed back.",
      "What cannot fit is refused before any work, with the memory that is needed.\n"
      "Limits of a control group and of ulimit are kept.\n"
      "Below about 550 MB of address space (ulimit -v) OpenCL's runtimes are not loaded:\n"
      "they abort where they get no memory, which no program can catch.",
      "Options may stand anywhere behind the command, their arguments as the next word\n"
      "or after an equals sign. One that takes none is on, and off with =off\n"
      "behind it.\n"
      "A word that begins with a hyphen and is no option goes after --.",
  };
  put_section(f, "DESCRIPTION");
  put_paragraphs(f, paragraphs, sizeof paragraphs / sizeof *paragraphs);
}

static void put_motcl(FILE *f) {
  fputs("motcl \\- draw, edit and understand pictures on any OpenCL device\n", f);
  put_section(f, "SYNOPSIS");
  fputs("\\fBmotcl\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIWORD\\fR...]\n", f);
  put_overview(f);
  put_commands(f);
}

static void put_command(FILE *f, const mcl_command *c) {
  fprintf(f, "motcl\\-%s \\- ", c->name);
  mcl_roff_put(f, c->about);
  fputc('\n', f);
  put_section(f, "SYNOPSIS");
  fprintf(f, "\\fBmotcl %s\\fR [\\fIOPTION\\fR...]%s", c->name, *c->words ? " " : "");
  put_usage(f, c->words);
  fputc('\n', f);
  put_section(f, "DESCRIPTION");
  mcl_roff_sentence(f, c->about);
  if (c->notes) {
    fputs(".PP\n", f);
    mcl_roff_put(f, c->notes);
    fputc('\n', f);
  }
}

void mcl_manual_page(FILE *f, const mcl_command *c, const char *date, const json_t *schema) {
  char title[32];
  snprintf(title, sizeof title, "MOTCL%s%s", c ? "-" : "", c ? c->name : "");
  for (char *p = title; *p; p++)
    *p = (char)toupper((unsigned char)*p);
  fputs(".TH ", f);
  mcl_roff_put(f, title);
  fprintf(f, " 1 %s \"motcl %s\" \"User Commands\"\n", date, motcl_version());
  put_section(f, "NAME");
  if (c)
    put_command(f, c);
  else
    put_motcl(f);
  put_options(f, c);
  if (!c)
    put_configuration(f);
  mcl_manual_json(f, schema, c);
  put_environment(f);
  if (!c)
    put_files(f);
  put_exits(f);
  put_examples(f, c);
  put_see_also(f, c);
}
