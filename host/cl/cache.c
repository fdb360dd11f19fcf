/* cache.c - built programs kept on disk. */
#include "cl/cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define FORMAT "motcl program cache 1"
#define MAX_BYTES ((uint64_t)1 << 30) /* of an entry; more is damage */

/* What a file begins with; the program follows and nothing else. */
typedef struct header {
  char magic[8];
  mcl_cache_key key;
  uint64_t bytes;
  mcl_cache_key sum; /* of the program */
} header;

static const char magic[8] = {'M', 'C', 'L', 'P', 'R', 'O', 'G', '1'};

/* Two unlike 64-bit hashes side by side: FNV-1a, and a rotating multiply. */
static void mix(mcl_cache_key *key, const void *data, size_t n) {
  const unsigned char *p = data;
  uint64_t a = key->hash[0], b = key->hash[1];
  for (size_t i = 0; i < n; i++) {
    a = (a ^ p[i]) * UINT64_C(0x100000001B3);
    b ^= p[i];
    b = ((b << 23) | (b >> 41)) * UINT64_C(0x9E3779B97F4A7C15);
  }
  key->hash[0] = a;
  key->hash[1] = b;
}

mcl_cache_key mcl_cache_key_init(void) {
  mcl_cache_key key = {{UINT64_C(0xCBF29CE484222325), UINT64_C(0x2545F4914F6CDD1D)}};
  mcl_cache_key_add(&key, FORMAT);
  return key;
}

void mcl_cache_key_add(mcl_cache_key *key, const char *text) {
  mix(key, text, strlen(text) + 1);
}

static mcl_cache_key checksum(const void *data, size_t n) {
  mcl_cache_key sum = mcl_cache_key_init();
  mix(&sum, data, n);
  return sum;
}

/* "dir/0123456789abcdef0123456789abcdef.bin" plus `suffix`; NULL if memory is out. */
static char *entry_path(const char *dir, const mcl_cache_key *key, const char *suffix) {
  size_t size = strlen(dir) + strlen(suffix) + 48;
  char *path = mcl_alloc(size, 1);
  if (path)
    snprintf(path, size, "%s/%016llx%016llx.bin%s", dir, (unsigned long long)key->hash[0],
             (unsigned long long)key->hash[1], suffix);
  return path;
}

static bool read_all(int fd, void *data, size_t n) {
  unsigned char *p = data;
  while (n > 0) {
    ssize_t got = read(fd, p, n);
    if (got <= 0)
      return false;
    p += got;
    n -= (size_t)got;
  }
  return true;
}

static bool write_all(int fd, const void *data, size_t n) {
  const unsigned char *p = data;
  while (n > 0) {
    ssize_t put = write(fd, p, n);
    if (put <= 0)
      return false;
    p += put;
    n -= (size_t)put;
  }
  return true;
}

/* The length that the file must have is known from its header. */
static bool header_fits(int fd, const header *h, const mcl_cache_key *key) {
  struct stat st;
  return !memcmp(h->magic, magic, sizeof magic) && !memcmp(&h->key, key, sizeof *key) &&
         h->bytes > 0 && h->bytes <= MAX_BYTES && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
         (uint64_t)st.st_size == sizeof *h + h->bytes;
}

bool mcl_cache_load(const char *dir, const mcl_cache_key *key, unsigned char **data, size_t *n) {
  header h;
  unsigned char *bytes = NULL;
  bool ok = false;
  char *path = dir ? entry_path(dir, key, "") : NULL;
  /* O_NONBLOCK: a pipe that stands there must not hold us up */
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
  mcl_free(path);
  if (fd < 0)
    return false;
  if (read_all(fd, &h, sizeof h) && header_fits(fd, &h, key))
    bytes = mcl_alloc((size_t)h.bytes, 1);
  if (bytes && read_all(fd, bytes, (size_t)h.bytes)) {
    mcl_cache_key sum = checksum(bytes, (size_t)h.bytes);
    ok = !memcmp(&sum, &h.sum, sizeof sum);
  }
  close(fd);
  if (ok) {
    *data = bytes;
    *n = (size_t)h.bytes;
  } else {
    mcl_free(bytes);
  }
  return ok;
}

bool mcl_cache_store(const char *dir, const mcl_cache_key *key, const void *data, size_t n) {
  if (!dir || n == 0 || n > MAX_BYTES)
    return false;
  header h = {.key = *key, .bytes = n, .sum = checksum(data, n)};
  memcpy(h.magic, magic, sizeof magic);
  mkdir(dir, 0700);
  char *path = entry_path(dir, key, ""), *temp = entry_path(dir, key, ".XXXXXX");
  int fd = path && temp ? mkstemp(temp) : -1;
  bool ok = fd >= 0 && write_all(fd, &h, sizeof h) && write_all(fd, data, n);
  if (fd >= 0) {
    ok = close(fd) == 0 && ok;
    ok = ok && rename(temp, path) == 0;
    if (!ok)
      unlink(temp);
  }
  mcl_free(path);
  mcl_free(temp);
  return ok;
}
