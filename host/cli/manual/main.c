/* main.c - prints one page of the manual, or the completion of one shell. Part of the build, never
 * installed. */
#include <string.h>

#include "cli/manual/manual.h"

static int usage(void) {
  fputs("usage: manual page motcl[-COMMAND] DATE SCHEMA | bash | zsh | fish\n", stderr);
  return 2;
}

static int page(const char *name, const char *date, const char *file) {
  const mcl_command *c = NULL;
  json_error_t why;
  if (strncmp(name, "motcl-", 6) == 0) {
    c = mcl_command_find(name + 6);
    if (!c)
      return usage();
  } else if (strcmp(name, "motcl") != 0)
    return usage();
  json_t *schema = json_load_file(file, 0, &why);
  if (!schema) {
    fprintf(stderr, "manual: %s: %s\n", file, why.text);
    return 1;
  }
  mcl_manual_page(stdout, c, date, schema);
  json_decref(schema);
  return 0;
}

int main(int argc, char **argv) {
  int status = 0;
  if (argc == 5 && !strcmp(argv[1], "page"))
    status = page(argv[2], argv[3], argv[4]);
  else if (argc == 2 && !strcmp(argv[1], "bash"))
    mcl_manual_bash(stdout);
  else if (argc == 2 && !strcmp(argv[1], "zsh"))
    mcl_manual_zsh(stdout);
  else if (argc == 2 && !strcmp(argv[1], "fish"))
    mcl_manual_fish(stdout);
  else
    status = usage();
  if (fflush(stdout) != 0 || ferror(stdout)) {
    perror("manual");
    status = 1;
  }
  return status;
}
