/* buffer.h - device memory: making it, moving bytes in order with the queue. */
#ifndef MCL_CL_BUFFER_H
#define MCL_CL_BUFFER_H

#include "cl/device.h"

/** Device memory. in_place: it is the host memory it was made from. */
typedef struct mcl_cl_buffer {
  cl_mem mem;
  size_t bytes;
  bool in_place;
} mcl_cl_buffer;

/**
 * Make a buffer.
 *
 * bytes     > 0
 * read_only kernels will not write it
 * host      first content, or NULL for none. A read-only buffer of a CPU uses it in place if it is
 *           aligned as the device asks; it must then outlive the buffer (buf->in_place). Else it is
 *           copied before the call returns
 *
 * Give back with mcl_cl_buffer_finish. MOTCL_EDEVMEM, MOTCL_ENOMEM, MOTCL_ELOST.
 */
int mcl_cl_buffer_init(mcl_cl *cl, mcl_cl_buffer *buf, size_t bytes, bool read_only,
                       const void *host, motcl_err *err);

/** Give back; a cleared buffer is fine. Work in the queue that uses it still runs. */
void mcl_cl_buffer_finish(mcl_cl_buffer *buf);

/**
 * A part of a buffer as an object of its own, for libraries that take no offset.
 *
 * at    bytes, a multiple of the device's alignment
 *
 * Give back with mcl_cl_buffer_view_release, which may be before the work that uses it has run.
 */
int mcl_cl_buffer_view(const mcl_cl_buffer *buf, cl_mem *out, size_t at, size_t bytes,
                       motcl_err *err);
void mcl_cl_buffer_view_release(cl_mem view);

/** Host memory for moves. mem NULL: it is ordinary memory. */
typedef struct mcl_cl_staging {
  cl_mem mem;
  void *host;
} mcl_cl_staging;

/** Get it: memory of the platform's own, which the device's engines reach, mapped for as long as it
 * lives; ordinary memory on devices without queues for moves. */
int mcl_cl_staging_init(mcl_cl *cl, mcl_cl_staging *s, size_t bytes, motcl_err *err);
void mcl_cl_staging_finish(mcl_cl *cl, mcl_cl_staging *s);

/* Moving bytes. Ranges outside the buffer are MOTCL_EINTERNAL. Write and read return when the
 * bytes have moved, but inside an order (order.h) they are queued, as copy is. */
int mcl_cl_write(mcl_cl *cl, mcl_cl_buffer *buf, size_t at, const void *src, size_t bytes,
                 motcl_err *err);
int mcl_cl_read(mcl_cl *cl, mcl_cl_buffer *buf, size_t at, void *dst, size_t bytes, motcl_err *err);
int mcl_cl_copy(mcl_cl *cl, mcl_cl_buffer *from, size_t from_at, mcl_cl_buffer *to, size_t to_at,
                size_t bytes, motcl_err *err);

#endif
