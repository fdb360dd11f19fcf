/* foreign.c - see foreign.h. */
#include "io/foreign.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Bytes that are looked at: more than any mark has, and enough to tell text from numbers. */
enum { LOOK = 512 };

/* A file of a kind begins with these `n` bytes. */
static const struct {
  const char *mark;
  size_t n;
  const char *what;
} kinds[] = {
    {"GGUF", 4,
     "a GGUF file, which is not read here: get the same model as safetensors in BF16, from the "
     "page that it names as its source"},
    {"PK\3\4", 4,
     "a pickled file of PyTorch or another zip archive, which is not read here, as reading it can "
     "run what it holds: get the same model as safetensors"},
    {"\x80\2", 2,
     "a pickled file of PyTorch, which is not read here, as reading it can run what it holds: get "
     "the same model as safetensors"},
    {"\x89HDF\r\n", 6, "an HDF5 file, which is not read here: get the same model as safetensors"},
};

static bool all_zero(const unsigned char *p, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (p[i])
      return false;
  return true;
}

/* Letters, blanks and what is above ASCII: no header length of a safetensors file is made of these. */
static bool is_text(const unsigned char *p, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (p[i] < ' ' && !memchr("\t\n\r", p[i], 3))
      return false;
  return true;
}

static bool is_page(const char *p, size_t n) {
  while (n && memchr(" \t\n\r", *p, 4))
    p++, n--;
  return n >= 5 && (!strncasecmp(p, "<!doc", 5) || !strncasecmp(p, "<html", 5) ||
                    !strncasecmp(p, "<?xml", 5));
}

/* A safetensors file begins with the length of its header in eight bytes, of which 100 MB need four. */
static bool is_length(const unsigned char *p, size_t n) {
  return n > 8 && all_zero(p + 4, 4) && !all_zero(p, 4);
}

const char *mcl_foreign_any(const void *data, size_t size) {
  static const char pointer[] = "version https://git-lfs";
  const size_t n = size < LOOK ? size : LOOK;
  if (n >= sizeof pointer - 1 && !memcmp(data, pointer, sizeof pointer - 1))
    return "a Git LFS pointer and not the file that it stands for: run 'git lfs pull' in its "
           "folder, or download the file itself";
  if (is_page(data, n))
    return "a web page, which came instead of the file: download the file itself, with a token if "
           "its page asks for one";
  if (!size)
    return "empty: download it again";
  return NULL;
}

const char *mcl_foreign_weights(const void *data, size_t size) {
  const size_t n = size < LOOK ? size : LOOK;
  const char *any = mcl_foreign_any(data, size);
  if (any || is_length(data, n))
    return any;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (n >= kinds[i].n && !memcmp(data, kinds[i].mark, kinds[i].n))
      return kinds[i].what;
  if (is_text(data, n))
    return "a text and no weights, as a download leaves it that went wrong: read it, and download "
           "the file again";
  if (size > 8 && all_zero(data, n))
    return "nothing but zeros where it begins, as a download is that did not finish: start it "
           "again";
  return NULL;
}
