/* main.c - the motcl command: version and help. */
#include <stdio.h>
#include <string.h>

#include "motcl.h"

static const char usage[] = "usage: motcl --version | --help\n"
                            "\n"
                            "  --version   print the version\n"
                            "  --help      print this text\n";

int main(int argc, char **argv) {
  int bad = 0;
  if (argc == 2 && strcmp(argv[1], "--version") == 0)
    printf("motcl %s\n", motcl_version());
  else if (argc == 2 && strcmp(argv[1], "--help") == 0)
    fputs(usage, stdout);
  else
    bad = 1;
  if (bad) {
    fputs(usage, stderr);
    return 2;
  }
  return fflush(stdout) == 0 ? 0 : 1;
}
