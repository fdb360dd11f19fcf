/* help.c - options by sections, names and explanations in two columns. */
#include "cli/options/help.h"

#include <string.h>

enum { COLUMN = 29 };

static const char *const headings[MCL_SECTION_COUNT] = {"The parts, in order",
                                                        "The picture",
                                                        "Words",
                                                        "Model and device",
                                                        "What becomes of it",
                                                        "Otherwise",
                                                        "For tests; results do not depend on them"};

static void print_row(FILE *f, const mcl_option *row) {
  char left[80];
  snprintf(left, sizeof left, "%c%c%s --%s%s%s", row->letter ? '-' : ' ',
           row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
           row->argument ? " " : "", row->argument ? row->argument : "");
  fprintf(f, "  %-*s", COLUMN, left);
  if (strlen(left) > COLUMN - 2)
    fprintf(f, "\n  %-*s", COLUMN, "");
  fputs(row->about, f);
  if (row->other)
    fprintf(f, " [%s]", row->other);
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
