/* library.h - an opened library as its calls see it, and how they are entered and left. */
#ifndef MCL_API_LIBRARY_H
#define MCL_API_LIBRARY_H

#include "base/log.h"
#include "drivers/registry.h"

/**
 * allocator  borrowed; NULL is malloc
 * found      devices, once `enumerated`; `device` describes them: [found.count]
 */
struct motcl {
  const motcl_allocator *allocator;
  mcl_logger logger;
  char *cache_dir, *kernel_dir;
  mcl_device_list found;
  motcl_device *device;
  bool enumerated;
};

/** What a thread used before a call, given back by mcl_leave. */
typedef struct mcl_scope {
  const motcl_allocator *allocator;
  const mcl_logger *logger;
} mcl_scope;

/** Begin a call: new memory comes from the library's allocator, and messages go to its log. */
mcl_scope mcl_enter(const motcl *m);

/** End it. */
void mcl_leave(mcl_scope before);

/** Find devices, unless that was done. In a call. */
int mcl_library_find_devices(motcl *m, motcl_err *err);

/** Describe a device; texts are borrowed from `info`. */
motcl_device mcl_device_describe(const mcl_driver *driver, const mcl_device_info *info);

/** Whether options of that `size` member can be read: MOTCL_EINVAL for a program that was compiled
 * for a later library, whose members this one would pass over. */
int mcl_options_check(size_t size, size_t known, motcl_err *err);

#endif
