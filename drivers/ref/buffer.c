/* buffer.c - the ref driver's memory: buffers are host memory, copies are memcpy. */
#include "drivers/ref/ref.h"

int mcl_ref_create(mcl_device *dev, mcl_buffer **out, size_t bytes, mcl_access access,
                   const void *host, motcl_err *err) {
  if (bytes == 0 || bytes > dev->info.max_buffer)
    return mcl_fail(err, MOTCL_EDEVMEM,
                    "a buffer of %zu bytes cannot be made: the limit is %llu; allow larger ones",
                    bytes, (unsigned long long)dev->info.max_buffer);
  mcl_buffer *b = mcl_zalloc(1, sizeof *b);
  if (!b)
    return mcl_fail_nomem(err, sizeof *b);
  b->bytes = bytes;
  b->borrowed = host && access == MCL_READ_ONLY;
  if (b->borrowed) {
    b->data = (unsigned char *)(uintptr_t)host; /* never written: mcl_ref_write refuses */
  } else {
    b->data = mcl_alloc_aligned(bytes, dev->info.align);
    if (!b->data) {
      mcl_free(b);
      return mcl_fail_nomem(err, bytes);
    }
    if (host)
      memcpy(b->data, host, bytes);
  }
  *out = b;
  return MOTCL_OK;
}

void mcl_ref_destroy(mcl_device *dev, mcl_buffer *buf) {
  (void)dev;
  if (!buf)
    return;
  if (!buf->borrowed)
    mcl_free(buf->data);
  mcl_free(buf);
}

static int inside(const mcl_buffer *buf, size_t at, size_t bytes, motcl_err *err) {
  size_t end;
  if (mcl_add_ok(at, bytes, &end) && end <= buf->bytes)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EINTERNAL, "%zu bytes at %zu do not lie in a buffer of %zu", bytes, at,
                  buf->bytes);
}

static int writable(const mcl_buffer *buf, motcl_err *err) {
  if (!buf->borrowed)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EINTERNAL, "a read-only buffer over the caller's memory was written");
}

int mcl_ref_write(mcl_device *dev, mcl_buffer *buf, size_t at, const void *src, size_t bytes,
                  motcl_err *err) {
  (void)dev;
  int rc = inside(buf, at, bytes, err);
  if (rc == MOTCL_OK)
    rc = writable(buf, err);
  if (rc == MOTCL_OK && bytes)
    memcpy(buf->data + at, src, bytes);
  return rc;
}

int mcl_ref_read(mcl_device *dev, mcl_buffer *buf, size_t at, void *dst, size_t bytes,
                 motcl_err *err) {
  (void)dev;
  int rc = inside(buf, at, bytes, err);
  if (rc == MOTCL_OK && bytes)
    memcpy(dst, buf->data + at, bytes);
  return rc;
}

int mcl_ref_copy(mcl_device *dev, mcl_buffer *from, size_t from_at, mcl_buffer *to, size_t to_at,
                 size_t bytes, motcl_err *err) {
  (void)dev;
  int rc = inside(from, from_at, bytes, err);
  if (rc == MOTCL_OK)
    rc = inside(to, to_at, bytes, err);
  if (rc == MOTCL_OK)
    rc = writable(to, err);
  if (rc == MOTCL_OK && bytes)
    memcpy(to->data + to_at, from->data + from_at, bytes);
  return rc;
}
