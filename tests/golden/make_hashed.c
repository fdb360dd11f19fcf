/* make_hashed.c - writes a whole miniature model folder whose weights come from a hash (HASHED.md),
 * for the goldens and for a first try without a download. Prints "digest bytes file" a line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hashed_files.h"

static const char usage[] =
    "usage: make_hashed [options] FOLDER\n"
    "  --seed N          another model of the same kind (0)\n"
    "  --kind KIND       mot, moe or dense (mot)\n"
    "  --dtype TYPE      f32, bf16 or f16; the autoencoder is always f32 (f32)\n"
    "  --conv-patch      patch embedding in its convolution form\n"
    "  --tables          with position tables, which are then no sines but hash-made\n"
    "  --latent-side N   side of the latent position table (64)\n"
    "  --shards N        N weight files behind an index (one file, no index)\n"
    "  --one-tokenizer   tokenizer.json instead of vocab.json and merges.txt\n";

static void wrong(void) {
  fputs(usage, stderr);
  exit(2);
}

static size_t number(const char *text, size_t min, size_t max) {
  char *end;
  errno = 0;
  const unsigned long long n = strtoull(text, &end, 10);
  if (errno || end == text || *end || text[0] == '-' || n < min || n > max) {
    wrong();
  }
  return (size_t)n;
}

static int choice(const char *text, const char *const *names, int n) {
  for (int i = 0; i < n; i++) {
    if (strcmp(text, names[i]) == 0) {
      return i;
    }
  }
  wrong();
  return 0;
}

/* Options without a value; false if `arg` is none of them. */
static bool flag(hashed_options *o, const char *arg) {
  if (strcmp(arg, "--conv-patch") == 0) {
    return o->conv_patch = true;
  }
  if (strcmp(arg, "--tables") == 0) {
    return o->tables = true;
  }
  if (strcmp(arg, "--one-tokenizer") == 0) {
    return o->one_tokenizer_file = true;
  }
  return false;
}

static void valued(hashed_options *o, const char *arg, const char *value) {
  static const char *const kinds[] = {"mot", "moe", "dense"};
  static const char *const types[] = {"f32", "bf16", "f16"};
  if (strcmp(arg, "--seed") == 0) {
    o->seed = number(value, 0, 1000000000);
  } else if (strcmp(arg, "--kind") == 0) {
    o->kind = (hashed_kind)choice(value, kinds, 3);
  } else if (strcmp(arg, "--dtype") == 0) {
    o->dtype = (hashed_dtype)choice(value, types, 3);
  } else if (strcmp(arg, "--latent-side") == 0) {
    o->latent_side = number(value, 4, 256);
  } else if (strcmp(arg, "--shards") == 0) {
    o->shards = number(value, 1, 99);
  } else {
    wrong();
  }
}

static hashed_options parse(int argc, char **argv) {
  hashed_options o = {.latent_side = 64};
  int i = 1;
  for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
    if (!flag(&o, argv[i])) {
      if (i + 1 == argc) {
        wrong();
      }
      valued(&o, argv[i], argv[i + 1]);
      i++;
    }
  }
  if (i + 1 != argc) {
    wrong();
  }
  o.folder = argv[i];
  return o;
}

/* N files, tensors dealt out in runs of equal number, and the index that says which is where. */
static void write_shards(const hashed_options *o, const hashed_list *list) {
  const size_t each = list->len / o->shards + 1;
  char name[64];
  for (size_t s = 0; s < o->shards; s++) {
    const size_t from = s * each < list->len ? s * each : list->len;
    const size_t to = from + each < list->len ? from + each : list->len;
    snprintf(name, sizeof name, "model-%05zu-of-%05zu.safetensors", s + 1, o->shards);
    hashed_write_weights(o, o->dtype, name, list, from, to);
  }
  size_t total = 0;
  for (size_t i = 0; i < list->len; i++) {
    total += hashed_count(&list->at[i]) * (o->dtype == HASHED_F32 ? 4 : 2);
  }
  hashed_file f;
  hashed_open(&f, o->folder, "model.safetensors.index.json");
  hashed_print(&f, "{\"metadata\": {\"total_size\": %zu}, \"weight_map\": {", total);
  for (size_t i = 0; i < list->len; i++) {
    hashed_print(&f, "%s\n \"%s\": \"model-%05zu-of-%05zu.safetensors\"", i ? "," : "",
                 list->at[i].name, i / each + 1, o->shards);
  }
  hashed_print(&f, "}}\n");
  hashed_close(&f);
}

int main(int argc, char **argv) {
  const hashed_options o = parse(argc, argv);
  hashed_list model = {0}, autoencoder = {0};
  if (mkdir(o.folder, 0777) != 0 && errno != EEXIST) {
    fprintf(stderr, "make_hashed: cannot make the folder %s: %s\n", o.folder, strerror(errno));
    return 1;
  }
  hashed_write_configs(&o);
  hashed_write_tokenizer(&o);
  hashed_list_model(&model, &o);
  if (o.shards) {
    write_shards(&o, &model);
  } else {
    hashed_write_weights(&o, o.dtype, "ema.safetensors", &model, 0, model.len);
  }
  hashed_list_autoencoder(&autoencoder);
  hashed_write_weights(&o, HASHED_F32, "ae.safetensors", &autoencoder, 0, autoencoder.len);
  free(model.at);
  free(autoencoder.at);
  return fflush(stdout) == 0 ? 0 : 1;
}
