/* replay.c - a main for fuzz targets built without libFuzzer: feeds them the files that are named,
 * and names each before, so that the last one is what a crash is about. --print: prints what errors
 * they get instead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static void feed(const char *path) {
  struct stat st;
  if (stat(path, &st) != 0)
    fuzz_wrong(path);
  FILE *f = fopen(path, "rb");
  size_t n = (size_t)st.st_size;
  uint8_t *data = malloc(n ? n : 1); /* exactly as large, for the sanitizer's sake */
  if (!f || !data || fread(data, 1, n, f) != n)
    fuzz_wrong(path);
  fclose(f);
  if (!fuzz_prints)
    printf("%s\n", path);
  fflush(stdout);
  LLVMFuzzerTestOneInput(data, n);
  free(data);
}

int main(int argc, char **argv) {
  fuzz_prints = argc > 1 && !strcmp(argv[1], "--print");
  int first = 1 + fuzz_prints;
  for (int i = first; i < argc; i++)
    feed(argv[i]);
  if (!fuzz_prints)
    printf("%d inputs\n", argc - first);
  return argc > first ? 0 : 1;
}
