/* files.c - see files.h. */
#include "model/files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "model/store.h"

/* What a name holds wherever it is of the part, and no other name does. */
#define DECODER_NAME "language_model.model."
#define VAE_NAME "decoder.mid."

/* A file that may hold weights. `set` is NULL if it cannot be read, which `err` says. packed: a tensor that
 * tells of weights in the form `form`, which cannot be computed with; or NULL. */
typedef struct candidate {
  char *path;
  const char *name; /* in path */
  enum { EMA, INDEX, OTHER } rank;
  mcl_st *set;
  motcl_err err;
  const char *packed, *form;
  bool decoder, vae;
} candidate;

/* A folder's, in the order in which they are looked at. stray: a file that tells what a folder without
 * weights is; shard: one of several files, where no index lists them. */
typedef struct folder {
  candidate *file;
  size_t files, cap;
  char *stray, *shard;
  bool index;
} folder;

static bool ends(const char *s, const char *end) {
  size_t n = strlen(s), m = strlen(end);
  return n > m && !strcasecmp(s + n - m, end);
}

static bool ends_with_one(const char *name, const char *const *ending) {
  for (; *ending; ending++)
    if (ends(name, *ending))
      return true;
  return false;
}

static const char *leaf(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static bool is_index(const char *name) {
  return ends(name, ".index.json") && !ends(name, ".bin.index.json");
}

/* model-00001-of-00004.safetensors, but of one file alone */
static bool is_shard(const char *name) {
  const char *at = strstr(name, "-of-");
  return at && at > name && isdigit((unsigned char)at[-1]) && isdigit((unsigned char)at[4]) &&
         strtoul(at + 4, NULL, 10) > 1;
}

static int by_rank(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  return x->rank != y->rank ? (x->rank > y->rank) - (x->rank < y->rank) : strcmp(x->name, y->name);
}

static void candidate_finish(candidate *c) {
  mcl_st_close(c->set);
  mcl_free(c->path);
}

static void folder_finish(folder *f) {
  for (size_t i = 0; i < f->files; i++)
    candidate_finish(&f->file[i]);
  mcl_free(f->file);
  mcl_free(f->stray);
  mcl_free(f->shard);
}

/* ---- one file ---- */

/* Whether the set holds a part; what is before its names goes, the least where there is a choice. */
static int find_part(mcl_st *set, const char *part, bool *there, motcl_err *err) {
  char prefix[128];
  size_t least = sizeof prefix;
  for (size_t i = 0; i < mcl_st_count(set); i++) {
    const char *name = mcl_st_at(set, i)->name, *at = strstr(name, part);
    if (!at || (at > name && at[-1] != '.') || (size_t)(at - name) >= least)
      continue;
    least = (size_t)(at - name);
    memcpy(prefix, name, least);
    prefix[least] = '\0';
  }
  *there = least < sizeof prefix;
  return *there && least ? mcl_st_drop_prefix(set, prefix, err) : MOTCL_OK;
}

/* A tensor that tells of weights in another form than plain numbers; *form: which. Companions of a weight
 * say more than its type does. */
static const char *find_packed(const mcl_st *set, const char **form) {
  static const struct {
    const char *end, *form;
  } companions[] = {{".encoded_exponent", "DFloat11 (DF11)"},
                    {".sign_mantissa", "DFloat11 (DF11)"},
                    {".SCB", "INT8 of bitsandbytes"},
                    {".absmax", "4 bits of bitsandbytes (NF4 or FP4)"},
                    {".qweight", "4 or 8 bits of GPTQ, AWQ or AutoRound"}};
  static const struct {
    const char *type, *form;
    bool weights_only; /* for other things the type is an ordinary one */
  } types[] = {{"F8_", "FP8", false},
               {"F6_", "FP6", false},
               {"F4", "FP4", false},
               {"I8", "INT8", true},
               {"U8", "INT8", true}};
  for (size_t i = 0; i < mcl_st_count(set); i++)
    for (size_t k = 0; k < sizeof companions / sizeof *companions; k++)
      if (ends(mcl_st_at(set, i)->name, companions[k].end)) {
        *form = companions[k].form;
        return mcl_st_at(set, i)->name;
      }
  for (size_t i = 0; i < mcl_st_count(set); i++)
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
      const mcl_st_tensor *t = mcl_st_at(set, i);
      if (!strncmp(t->type_name, types[k].type, strlen(types[k].type)) &&
          (!types[k].weights_only || ends(t->name, ".weight"))) {
        *form = types[k].form;
        return t->name;
      }
    }
  return NULL;
}

static void open_file(candidate *c) {
  int rc = is_index(c->name) ? mcl_st_open_index(&c->set, c->path, &c->err)
                             : mcl_st_open(&c->set, c->path, &c->err);
  if (rc == MOTCL_OK)
    rc = find_part(c->set, DECODER_NAME, &c->decoder, &c->err);
  if (rc == MOTCL_OK)
    rc = find_part(c->set, VAE_NAME, &c->vae, &c->err);
  if (rc == MOTCL_OK) {
    c->packed = find_packed(c->set, &c->form);
    return;
  }
  mcl_st_close(c->set);
  c->set = NULL;
}

/* Of a file whose weights are packed. */
static int fail_packed(const candidate *c, motcl_err *err) {
  return mcl_fail(
      err, MOTCL_EMODEL,
      "'%s' has its weights in %s, as '%s' shows, and F32, BF16 and F16 are what can be "
      "computed with: get the BF16 weights that it was made from, which for BAGEL itself are "
      "ema.safetensors of ByteDance-Seed/BAGEL-7B-MoT",
      c->path, c->form, c->packed);
}

/* Of a file that cannot be read. */
static int fail_as(const candidate *c, motcl_err *err) {
  return mcl_fail(err, c->err.code, "%s", c->err.text);
}

/* ---- a folder ---- */

static int add_file(folder *f, const char *dir, const char *name, motcl_err *err) {
  void *p = f->file;
  char *path = mcl_path_join(dir, name);
  if (!path || !mcl_grow(&p, &f->cap, f->files, sizeof *f->file)) {
    mcl_free(path);
    return mcl_fail_nomem(err, sizeof *f->file);
  }
  f->file = p;
  f->file[f->files++] = (candidate){.path = path,
                                    .name = leaf(path),
                                    .rank = !strncasecmp(name, "ema", 3) ? EMA
                                            : is_index(name)             ? INDEX
                                                                         : OTHER};
  return MOTCL_OK;
}

/* Names that are no weights here, and what begins a sentence for a folder that has nothing else. */
static const char *const unfinished[] = {".incomplete", ".part", ".crdownload", ".aria2", NULL};
static const char *const elsewhere[] = {".gguf", ".bin", ".pt", ".pth", ".ckpt", NULL};

/* The first by name. */
static int keep(char **kept, const char *dir, const char *name, motcl_err *err) {
  char *path = mcl_path_join(dir, name);
  if (!path)
    return mcl_fail_nomem(err, strlen(dir) + strlen(name) + 2);
  const bool first = !*kept || strcmp(path, *kept) < 0;
  mcl_free(first ? *kept : path);
  *kept = first ? path : *kept;
  return MOTCL_OK;
}

static int add_name(folder *f, const char *dir, const char *name, motcl_err *err) {
  const bool index = is_index(name),
             weights = index || ends(name, ".safetensors") || ends(name, ".sft");
  f->index = f->index || index;
  if (weights && !is_shard(name))
    return add_file(f, dir, name, err);
  if (weights)
    return keep(&f->shard, dir, name, err);
  if (ends_with_one(name, unfinished) || ends_with_one(name, elsewhere))
    return keep(&f->stray, dir, name, err);
  return MOTCL_OK;
}

/* Hidden files are none of anybody's weights; macOS leaves some that have the names of others. What is no file,
 * or a link to nothing, is told by who opens it. */
static int list_names(folder *f, const char *dir, DIR *d, motcl_err *err) {
  struct stat st;
  int rc = MOTCL_OK;
  for (const struct dirent *e; rc == MOTCL_OK && (e = readdir(d));)
    if (*e->d_name != '.' && (fstatat(dirfd(d), e->d_name, &st, 0) != 0 || !S_ISDIR(st.st_mode)))
      rc = add_name(f, dir, e->d_name, err);
  return rc;
}

/* A folder that need not be there. */
static int list_if_there(folder *f, const char *dir, motcl_err *err) {
  DIR *d = opendir(dir);
  int rc = d ? list_names(f, dir, d, err) : MOTCL_OK;
  if (d)
    closedir(d);
  return rc;
}

/* All that may hold weights, opened; a file that cannot be read is none the less there. */
static int open_folder(folder *f, const char *dir, motcl_err *err) {
  if (access(dir, F_OK) != 0)
    return mcl_fail_sys(err, errno, "open", dir);
  /* where Hugging Face's downloader keeps what has not come whole */
  char *downloads = mcl_path_join(dir, ".cache/huggingface/download");
  int rc = list_if_there(f, dir, err);
  if (rc == MOTCL_OK)
    rc = downloads ? list_if_there(f, downloads, err) : mcl_fail_nomem(err, strlen(dir));
  mcl_free(downloads);
  if (f->files)
    qsort(f->file, f->files, sizeof *f->file, by_rank);
  for (size_t i = 0; i < f->files && rc == MOTCL_OK; i++) {
    open_file(&f->file[i]);
    if (f->file[i].err.code == MOTCL_ENOMEM)
      rc = mcl_fail_nomem(err, sizeof f->file[i]);
  }
  return rc;
}

/* What a folder is that has no decoder which can be read. */
static int fail_empty(const folder *f, const char *dir, motcl_err *err) {
  mcl_st *set = NULL;
  char *config = mcl_path_join(dir, "llm_config.json");
  const bool configured = config && access(config, F_OK) == 0;
  mcl_free(config);
  if (f->shard && !f->index)
    return mcl_fail(
        err, MOTCL_EMODEL,
        "'%s' is one of several files, and the index that lists them is missing; download "
        "model.safetensors.index.json of the model into its folder",
        f->shard);
  if (f->stray && ends_with_one(f->stray, unfinished))
    return mcl_fail(err, MOTCL_EMODEL,
                    "'%s' has no weights, and '%s' is a download that did not finish: start the "
                    "downloader again",
                    dir, f->stray);
  int rc = f->stray ? mcl_st_open(&set, f->stray, err) : MOTCL_OK;
  if (rc != MOTCL_OK)
    return rc;
  mcl_st_close(set);
  if (configured || f->files)
    return mcl_fail(
        err, MOTCL_EMODEL,
        "'%s' has no weights: none of its .safetensors files holds a decoder (tensors named "
        "%s*); download the model's into it, as ema.safetensors",
        dir, DECODER_NAME);
  return mcl_fail(
      err, MOTCL_EMODEL,
      "'%s' is no model folder: it has neither weights nor llm_config.json; name the folder "
      "of a BAGEL model as it is downloaded, or its weight file",
      dir);
}

/* The first decoder that can be computed with. Averaged weights that cannot be read are not passed over
 * for others; an index may be a stale one. */
static int pick_decoder(candidate **out, const folder *f, const char *dir, motcl_err *err) {
  const candidate *bad = NULL, *packed = NULL;
  *out = NULL;
  for (size_t i = 0; i < f->files && !*out; i++) {
    candidate *c = &f->file[i];
    if (!c->set)
      bad = bad ? bad : c;
    else if (c->decoder && !c->packed)
      *out = c;
    else if (c->decoder)
      packed = packed ? packed : c;
  }
  if (*out && (!bad || bad->rank != EMA || (*out)->rank == EMA))
    return MOTCL_OK;
  if (bad && (*out || !packed || bad < packed))
    return fail_as(bad, err);
  return packed ? fail_packed(packed, err) : fail_empty(f, dir, err);
}

/* A file with the autoencoder alone; NULL where there is none. One that cannot be read may be it. */
static int pick_vae(candidate **out, const folder *f, motcl_err *err) {
  const candidate *bad = NULL;
  *out = NULL;
  for (size_t i = 0; i < f->files; i++) {
    candidate *c = &f->file[i];
    if (c->set && c->vae && !c->decoder) {
      *out = c;
      return c->packed ? fail_packed(c, err) : MOTCL_OK;
    }
    if (!c->set && !is_index(c->name))
      bad = bad ? bad : c;
  }
  return bad ? fail_as(bad, err) : MOTCL_OK;
}

static bool has_file(const mcl_st *set, const char *path) {
  mcl_st_file file;
  for (size_t i = 0; mcl_st_file_at(set, i, &file); i++)
    if (!strcmp(file.path, path))
      return true;
  return false;
}

/* Whether one of two sets is made of files of the other: an index, and what it lists. */
static bool is_within(const mcl_st *a, const mcl_st *b) {
  mcl_st_file file;
  for (size_t i = 0; mcl_st_file_at(a, i, &file); i++)
    if (!has_file(b, file.path))
      return false;
  return true;
}

static void note_others(mcl_store *s, const folder *f, const candidate *taken) {
  for (size_t i = 0; i < f->files; i++) {
    const candidate *c = &f->file[i];
    if (c == taken || (c->set && !c->decoder))
      continue;
    if (!c->set)
      mcl_store_note(s, false, "%s (it was not needed)", c->err.text);
    else if (!is_within(c->set, taken->set) && !is_within(taken->set, c->set))
      mcl_store_note(
          s, false,
          "'%s' holds a decoder too, and '%s' was taken; name the file in place of the folder "
          "to have the other",
          c->name, taken->name);
  }
}

/* ---- the model's ---- */

static int set_name(char **out, const candidate *c, motcl_err *err) {
  *out = mcl_strdup(c->name);
  return *out ? MOTCL_OK : mcl_fail_nomem(err, strlen(c->name) + 1);
}

/* The store's from here on. */
static int take(mcl_model *m, candidate *c, motcl_err *err) {
  int rc = mcl_store_add(m->store, c->set, err);
  if (rc == MOTCL_OK)
    c->set = NULL;
  return rc;
}

static int open_named(candidate *c, const char *path, motcl_err *err) {
  c->path = mcl_strdup(path);
  if (!c->path)
    return mcl_fail_nomem(err, strlen(path) + 1);
  c->name = leaf(c->path);
  if (is_shard(c->name))
    return mcl_fail(err, MOTCL_EMODEL,
                    "'%s' is one of several files: name the index that lists them, or the folder",
                    path);
  open_file(c);
  if (!c->set)
    return fail_as(c, err);
  if (!c->decoder)
    return mcl_fail(err, MOTCL_EMODEL,
                    "'%s' has no decoder (tensors named %s*): name the file that has one, or the "
                    "model's folder",
                    path, DECODER_NAME);
  return c->packed ? fail_packed(c, err) : MOTCL_OK;
}

int mcl_model_find_files(mcl_model *m, const char *path, motcl_err *err) {
  candidate named = {0}, *decoder = &named, *vae = NULL;
  folder f = {0};
  int rc = MOTCL_OK;
  m->folder = mcl_folder_of(path);
  if (!m->folder)
    return mcl_fail_nomem(err, strlen(path) + 1);
  const bool is_file = strcmp(m->folder, path) != 0;
  if (is_file)
    rc = open_named(&named, path, err);
  if (rc == MOTCL_OK && !(is_file && named.vae))
    rc = open_folder(&f, m->folder, err);
  if (rc == MOTCL_OK && !is_file)
    rc = pick_decoder(&decoder, &f, path, err);
  if (rc == MOTCL_OK && decoder->vae)
    vae = decoder;
  else if (rc == MOTCL_OK)
    rc = pick_vae(&vae, &f, err);
  if (rc == MOTCL_OK && !is_file)
    note_others(m->store, &f, decoder);
  if (rc == MOTCL_OK)
    rc = set_name(&m->decoder_file, decoder, err);
  if (rc == MOTCL_OK && vae)
    rc = set_name(&m->vae_file, vae, err);
  if (rc == MOTCL_OK)
    rc = take(m, decoder, err);
  if (rc == MOTCL_OK && vae && vae != decoder)
    rc = take(m, vae, err);
  candidate_finish(&named);
  folder_finish(&f);
  return rc;
}
