/* help.c - options by sections, names and explanations in two columns. */
#include "cli/options/help.h"

#include <string.h>

enum { COLUMN = 29, WIDTH = 80 };

static const char *const headings[MCL_SECTION_COUNT] = {
    "What is said, in order", "The picture", "Words",     "Model and device",
    "What becomes of it",     "At a daemon", "Otherwise", "For tests"};

const char *mcl_help_heading(mcl_option_section section) {
  return headings[section];
}

/* Words of `text` from column `at` on, in lines that end before WIDTH. */
static int print_words(FILE *f, const char *text, int at) {
  while (*text) {
    int n = (int)strcspn(text, " ");
    if (at > COLUMN + 2 && at + 1 + n > WIDTH)
      at = fprintf(f, "\n%*s", COLUMN + 2, "") - 1;
    at += fprintf(f, "%s%.*s", at > COLUMN + 2 ? " " : "", n, text);
    text += n + (text[n] == ' ');
  }
  return at;
}

static void print_row(FILE *f, const mcl_option *row) {
  char left[80], other[160];
  snprintf(left, sizeof left, "%c%c%s --%s%s%s", row->letter ? '-' : ' ',
           row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
           row->argument ? " " : "", row->argument ? row->argument : "");
  fprintf(f, "  %-*s", COLUMN, left);
  if (strlen(left) > COLUMN - 2)
    fprintf(f, "\n  %-*s", COLUMN, "");
  int at = print_words(f, row->about, COLUMN + 2);
  if (row->other) {
    snprintf(other, sizeof other, "[%s]", row->other);
    print_words(f, other, at);
  }
  fputc('\n', f);
}

void mcl_help_options(FILE *f, unsigned commands, bool all) {
  for (int s = 0; s < MCL_SECTION_COUNT; s++) {
    bool headed = false;
    if (s == MCL_SECTION_TESTS && !all)
      continue;
    for (size_t i = 0; i < mcl_option_count; i++) {
      const mcl_option *row = &mcl_option_table[i];
      if ((int)row->section != s || !(row->commands & commands))
        continue;
      if (!headed)
        fprintf(f, "\n%s:\n", headings[s]);
      headed = true;
      print_row(f, row);
    }
  }
}
