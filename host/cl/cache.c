/* cache.c - built programs kept on disk. */
#include "cl/cache.h"

#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/seed.h"

#define FORMAT "motcl program cache 2"
#define MAX_BYTES ((size_t)1 << 30) /* of an entry; more is damage */
#define SECRET_FILE ".secret"

/* Of a folder, made with its first entry; only this user can read it. */
typedef struct secret {
  uint8_t bits[32];
} secret;

/* What a file begins with; the program follows and nothing else. */
typedef struct header {
  char magic[8];
  mcl_cache_key key;
  uint64_t bytes;
  uint8_t sum[32]; /* digest */
} header;

static const char magic[8] = {'M', 'C', 'L', 'P', 'R', 'O', 'G', '2'};

mcl_cache_key mcl_cache_key_init(void) {
  mcl_cache_key key = {{0}};
  mcl_cache_key_add(&key, FORMAT);
  return key;
}

/* A digest of the key so far and the text: a text ends where its digest does. */
void mcl_cache_key_add(mcl_cache_key *key, const char *text) {
  SHA2_CTX h;
  SHA256Init(&h);
  SHA256Update(&h, key->hash, sizeof key->hash);
  SHA256Update(&h, (const uint8_t *)text, strlen(text));
  SHA256Final(key->hash, &h);
}

enum { NAME_SIZE = 64 };

/* "0123456789abcdef0123456789abcdef.bin": half of the key tells entries apart. */
static void entry_name(char name[NAME_SIZE], const mcl_cache_key *key) {
  char *to = name;
  for (size_t i = 0; i < 16; i++)
    to += snprintf(to, 3, "%02x", key->hash[i]);
  snprintf(to, 5, ".bin");
}

/* A file of the folder's, all of it; NULL, which is told where others have had a hand in it, else not. */
static char *read_own(const char *dir, const char *name, bool hidden, size_t max, size_t *n) {
  motcl_err err;
  char *file = NULL;
  int rc = mcl_file_read_own(&file, n, dir, name, hidden, max, &err);
  if (rc == MOTCL_EINVAL)
    mcl_log_message(MOTCL_LOG_WARNING, "%s", err.text);
  return rc == MOTCL_OK ? file : NULL;
}

static bool read_secret(secret *s, const char *dir) {
  size_t n;
  char *file = read_own(dir, SECRET_FILE, true, sizeof *s, &n);
  bool ok = file && n == sizeof *s;
  if (ok)
    memcpy(s, file, sizeof *s);
  mcl_free(file);
  return ok;
}

/* Who does not know the secret cannot make it, and as the length comes before the program, neither can
 * who knows that of another entry make one that goes on where it ends. */
static void digest(uint8_t out[32], const secret *s, const header *h, const void *data) {
  SHA2_CTX c;
  SHA256Init(&c);
  SHA256Update(&c, s->bits, sizeof s->bits);
  SHA256Update(&c, h->key.hash, sizeof h->key.hash);
  SHA256Update(&c, (const uint8_t *)&h->bytes, sizeof h->bytes);
  SHA256Update(&c, data, (size_t)h->bytes);
  SHA256Final(out, &c);
}

static bool is_entry(const char *file, size_t n, const char *dir, const mcl_cache_key *key) {
  header h;
  secret s;
  uint8_t sum[32];
  if (n <= sizeof h)
    return false;
  memcpy(&h, file, sizeof h);
  if (memcmp(h.magic, magic, sizeof magic) != 0 || memcmp(&h.key, key, sizeof *key) != 0 ||
      h.bytes != n - sizeof h || !read_secret(&s, dir))
    return false;
  digest(sum, &s, &h, file + sizeof h);
  return !memcmp(sum, h.sum, sizeof sum);
}

bool mcl_cache_load(const char *dir, const mcl_cache_key *key, unsigned char **data, size_t *n) {
  char name[NAME_SIZE];
  size_t size;
  entry_name(name, key);
  char *file = dir ? read_own(dir, name, false, sizeof(header) + MAX_BYTES, &size) : NULL;
  if (!file || !is_entry(file, size, dir, key)) {
    mcl_free(file);
    return false;
  }
  memmove(file, file + sizeof(header), size - sizeof(header));
  *data = (unsigned char *)file;
  *n = size - sizeof(header);
  return true;
}

static bool write_all(int fd, const void *data, size_t n) {
  const unsigned char *p = data;
  while (n > 0) {
    ssize_t put = write(fd, p, n);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      return false;
    p += put;
    n -= (size_t)put;
  }
  return true;
}

/* A file of a name that is free, beside the one that it is to become. */
static int open_temp(int at, char temp[NAME_SIZE]) {
  int fd = -1;
  for (unsigned i = 0; i < 1000 && fd < 0; i++) {
    snprintf(temp, NAME_SIZE, ".%jd-%u.tmp", (intmax_t)getpid(), i);
    fd = openat(at, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST)
      break;
  }
  return fd;
}

/* Give a whole file its name. `fresh`: not where there is one, which is then as good. */
static bool place(int at, const char *temp, const char *name, bool fresh) {
  if (fresh && linkat(at, temp, at, name, 0) == 0)
    return unlinkat(at, temp, 0) == 0;
  if (fresh && errno == EEXIST)
    return unlinkat(at, temp, 0) == 0;
  return renameat(at, temp, at, name) == 0; /* also where there are no hard links */
}

/* Two pieces, of which the second may be empty. */
static bool write_file(int at, const char *name, bool fresh, const void *head, size_t head_bytes,
                       const void *data, size_t n) {
  char temp[NAME_SIZE];
  int fd = open_temp(at, temp);
  if (fd < 0)
    return false;
  bool ok = write_all(fd, head, head_bytes) && write_all(fd, data, n);
  ok = close(fd) == 0 && ok;
  ok = ok && place(at, temp, name, fresh);
  if (!ok)
    unlinkat(at, temp, 0);
  return ok;
}

/* Of several that make it at once, what the first has made counts for all. One that is there and is not
 * believed is replaced. */
static bool make_secret(secret *s, const char *dir, int at) {
  for (int replace = 0; replace < 2; replace++) {
    if (read_secret(s, dir))
      return true;
    if (!mcl_random(s, sizeof *s) || !write_file(at, SECRET_FILE, !replace, s, sizeof *s, "", 0))
      return false;
  }
  return read_secret(s, dir);
}

bool mcl_cache_store(const char *dir, const mcl_cache_key *key, const void *data, size_t n) {
  header h = {.key = *key, .bytes = n};
  secret s;
  char name[NAME_SIZE];
  int at;
  if (!dir || n == 0 || n > MAX_BYTES)
    return false;
  mkdir(dir, 0700);
  if (mcl_folder_open_own(&at, dir, NULL) != MOTCL_OK)
    return false;
  bool ok = make_secret(&s, dir, at);
  if (ok) {
    memcpy(h.magic, magic, sizeof magic);
    digest(h.sum, &s, &h, data);
    entry_name(name, key);
    ok = write_file(at, name, false, &h, sizeof h, data, n);
  }
  close(at);
  return ok;
}
