/* replay.c - a main for fuzz targets built without libFuzzer: feeds them the files that are named.
 */
#include <stdio.h>
#include <stdlib.h>
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
  printf("%s\n", path); /* the last one is what a crash is about */
  fflush(stdout);
  LLVMFuzzerTestOneInput(data, n);
  free(data);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    feed(argv[i]);
  printf("%d inputs\n", argc - 1);
  return argc > 1 ? 0 : 1;
}
