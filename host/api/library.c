/* library.c - opening and closing the library, and calls of it. */
#include "api/library.h"

#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

mcl_scope mcl_enter(const motcl *m) {
  return (mcl_scope){mcl_mem_enter(m->allocator), mcl_log_enter(&m->logger)};
}

void mcl_leave(mcl_scope before) {
  mcl_mem_leave(before.allocator);
  mcl_log_leave(before.logger);
}

static int copy(char **to, const char *text, motcl_err *err) {
  if (!text)
    return MOTCL_OK;
  *to = mcl_strdup(text);
  return *to ? MOTCL_OK : mcl_fail_nomem(err, 1);
}

int mcl_options_check(size_t size, size_t known, motcl_err *err) {
  if (size <= known)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EINVAL,
                  "the program was compiled for a later version of the library than %s; install "
                  "that, or compile the program anew",
                  motcl_version());
}

/* What is kept is run and believed, so a folder that others can write to is none. */
static void look_at_cache(motcl *m) {
  motcl_err err;
  int fd, rc = m->cache_dir ? mcl_folder_open_own(&fd, m->cache_dir, &err) : MOTCL_EIO;
  if (rc == MOTCL_OK)
    close(fd);
  if (rc != MOTCL_EINVAL)
    return;
  mcl_scope before = mcl_enter(m);
  mcl_log_message(MOTCL_LOG_WARNING, "%s", err.text);
  mcl_leave(before);
  mcl_free(m->cache_dir);
  m->cache_dir = NULL;
}

static int fill(motcl *m, const motcl_options *o, motcl_err *err) {
  m->allocator = o->allocator;
  m->logger = (mcl_logger){o->log, o->log_user};
  int rc = copy(&m->cache_dir, o->cache_dir, err);
  return rc == MOTCL_OK ? copy(&m->kernel_dir, o->kernel_dir, err) : rc;
}

int motcl_open(motcl **out, const motcl_options *o, motcl_err *err) {
  static const motcl_options none;
  if (!o)
    o = &none;
  const motcl_allocator *a = o->allocator;
  int known = mcl_options_check(o->size, sizeof *o, err);
  if (known != MOTCL_OK)
    return known;
  if (a && !(a->alloc && a->resize && a->release))
    return mcl_fail(err, MOTCL_EINVAL, "an allocator needs alloc, resize and release");
  const motcl_allocator *before = mcl_mem_enter(a);
  motcl *m = mcl_zalloc(1, sizeof *m);
  int rc = m ? fill(m, o, err) : mcl_fail_nomem(err, sizeof *m);
  if (rc == MOTCL_OK) {
    look_at_cache(m);
    *out = m;
  } else {
    motcl_close(m);
  }
  mcl_mem_leave(before);
  return rc;
}

void motcl_close(motcl *m) {
  if (!m)
    return;
  mcl_devices_finish(&m->found);
  mcl_free(m->device);
  mcl_free(m->cache_dir);
  mcl_free(m->kernel_dir);
  mcl_free(m);
}

void motcl_free(void *p) {
  mcl_free(p);
}
