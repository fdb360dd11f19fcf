/* buffer.c - device memory. */
#include "cl/buffer.h"

#include <string.h>

#include "base/mem.h"
#include "cl/order.h"
#include "cl/status.h"

static bool usable_in_place(const mcl_cl *cl, const void *host) {
  return cl->caps.kind == 'c' && cl->caps.unified && (uintptr_t)host % cl->caps.align == 0;
}

/* OpenCL's host pointer is not const, but a read-only buffer's is never written through. */
static cl_mem create(mcl_cl *cl, size_t bytes, bool read_only, const void *host, bool in_place,
                     cl_int *status) {
  cl_mem_flags flags = read_only ? CL_MEM_READ_ONLY : CL_MEM_READ_WRITE;
  void *ptr = NULL;
  if (in_place) {
    flags |= CL_MEM_USE_HOST_PTR;
    memcpy(&ptr, &host, sizeof ptr);
  }
  return clCreateBuffer(cl->context, flags, bytes, ptr, status);
}

int mcl_cl_buffer_init(mcl_cl *cl, mcl_cl_buffer *buf, size_t bytes, bool read_only,
                       const void *host, motcl_err *err) {
  cl_int status = CL_SUCCESS;
  bool in_place = host && read_only && usable_in_place(cl, host);
  mcl_cl_buffer b = {.bytes = bytes, .in_place = in_place};
  b.mem = create(cl, bytes, read_only, host, in_place, &status);
  if (!b.mem)
    return mcl_cl_fail(err, status, "get %zu bytes of memory on %s", bytes, cl->caps.name);
  if (host && !in_place) {
    int rc = mcl_cl_write(cl, &b, 0, host, bytes, err);
    if (rc != MOTCL_OK) {
      mcl_cl_buffer_finish(&b);
      return rc;
    }
  }
  *buf = b;
  return MOTCL_OK;
}

void mcl_cl_buffer_finish(mcl_cl_buffer *buf) {
  if (buf->mem)
    clReleaseMemObject(buf->mem);
  memset(buf, 0, sizeof *buf);
}

static int check_range(const mcl_cl_buffer *buf, size_t at, size_t bytes, motcl_err *err) {
  size_t end;
  if (mcl_add_ok(at, bytes, &end) && end <= buf->bytes)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EINTERNAL, "%zu bytes at %zu are outside a buffer of %zu", bytes, at,
                  buf->bytes);
}

int mcl_cl_buffer_view(const mcl_cl_buffer *buf, cl_mem *out, size_t at, size_t bytes,
                       motcl_err *err) {
  cl_int status = CL_SUCCESS;
  cl_buffer_region region = {at, bytes};
  int rc = check_range(buf, at, bytes, err);
  if (rc != MOTCL_OK)
    return rc;
  cl_mem view = clCreateSubBuffer(buf->mem, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &status);
  if (!view)
    return mcl_cl_fail(err, status, "use %zu bytes at %zu of a buffer", bytes, at);
  *out = view;
  return MOTCL_OK;
}

void mcl_cl_buffer_view_release(cl_mem view) {
  clReleaseMemObject(view);
}

int mcl_cl_staging_init(mcl_cl *cl, mcl_cl_staging *s, size_t bytes, motcl_err *err) {
  cl_int status;
  *s = (mcl_cl_staging){NULL, NULL};
  if (!cl->upload) {
    s->host = mcl_alloc_aligned(bytes, cl->caps.align > 64 ? cl->caps.align : 64);
    return s->host ? MOTCL_OK : mcl_fail_nomem(err, bytes);
  }
  s->mem =
      clCreateBuffer(cl->context, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR, bytes, NULL, &status);
  if (s->mem)
    s->host = clEnqueueMapBuffer(cl->upload, s->mem, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0, bytes,
                                 0, NULL, NULL, &status);
  if (s->host)
    return MOTCL_OK;
  if (s->mem)
    clReleaseMemObject(s->mem);
  return mcl_cl_fail(err, status, "get %zu bytes of staging memory for %s", bytes, cl->caps.name);
}

void mcl_cl_staging_finish(mcl_cl *cl, mcl_cl_staging *s) {
  if (s->mem) {
    clEnqueueUnmapMemObject(cl->upload, s->mem, s->host, 0, NULL, NULL);
    clReleaseMemObject(s->mem);
  } else {
    mcl_free(s->host);
  }
}

int mcl_cl_write(mcl_cl *cl, mcl_cl_buffer *buf, size_t at, const void *src, size_t bytes,
                 motcl_err *err) {
  int rc = check_range(buf, at, bytes, err);
  if (rc != MOTCL_OK || bytes == 0)
    return rc;
  cl_int status = clEnqueueWriteBuffer(mcl_cl_queue(cl), buf->mem, mcl_cl_blocking(cl), at, bytes,
                                       src, 0, NULL, mcl_cl_event_of_next(cl));
  mcl_cl_queued(cl);
  return status == CL_SUCCESS
             ? MOTCL_OK
             : mcl_cl_fail(err, status, "write %zu bytes to %s", bytes, cl->caps.name);
}

int mcl_cl_read(mcl_cl *cl, mcl_cl_buffer *buf, size_t at, void *dst, size_t bytes,
                motcl_err *err) {
  int rc = check_range(buf, at, bytes, err);
  if (rc != MOTCL_OK || bytes == 0)
    return rc;
  cl_int status = clEnqueueReadBuffer(mcl_cl_queue(cl), buf->mem, mcl_cl_blocking(cl), at, bytes,
                                      dst, 0, NULL, mcl_cl_event_of_next(cl));
  mcl_cl_queued(cl);
  return status == CL_SUCCESS
             ? MOTCL_OK
             : mcl_cl_fail_wait(err, status, "read %zu bytes from %s", bytes, cl->caps.name);
}

int mcl_cl_copy(mcl_cl *cl, mcl_cl_buffer *from, size_t from_at, mcl_cl_buffer *to, size_t to_at,
                size_t bytes, motcl_err *err) {
  int rc = check_range(from, from_at, bytes, err);
  if (rc == MOTCL_OK)
    rc = check_range(to, to_at, bytes, err);
  if (rc != MOTCL_OK || bytes == 0)
    return rc;
  cl_int status = clEnqueueCopyBuffer(mcl_cl_queue(cl), from->mem, to->mem, from_at, to_at, bytes,
                                      0, NULL, mcl_cl_event_of_next(cl));
  mcl_cl_queued(cl);
  return status == CL_SUCCESS
             ? MOTCL_OK
             : mcl_cl_fail(err, status, "copy %zu bytes on %s", bytes, cl->caps.name);
}
