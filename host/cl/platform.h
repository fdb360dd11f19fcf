/* platform.h - which OpenCL devices there are, and what each says of itself. */
#ifndef MCL_CL_PLATFORM_H
#define MCL_CL_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cl/opencl.h"

/** What a device says of itself. Texts are printable ASCII without blanks at the ends. */
typedef struct mcl_cl_caps {
  char name[128];
  char platform[128]; /* name and version of its platform */
  char version[128];  /* the device's OpenCL version and its driver's version */
  char kind;          /* 'c' CPU, 'g' GPU, 'a' accelerator */
  int platform_index, device_index;
  uint32_t units;
  uint64_t memory, max_buffer, local; /* bytes */
  uint32_t max_group;                 /* work-items */
  uint32_t align;                     /* bytes */
  uint32_t width;                     /* floats in a vector of the machine */
  bool unified;                       /* shares the host's memory */
  bool compiler;                      /* builds from source */
  bool exact_division;                /* takes -cl-fp32-correctly-rounded-divide-sqrt */
  bool keeps;                         /* its platform keeps built programs by itself */
  uint32_t wide; /* its platform compiles a kernel at its first launch, once for
                                       * each shape of groups, and anew where a side of the grid has
                                       * so many work-items or more; 0: kernels are built with their
                                       * program */
} mcl_cl_caps;

/** Called for each device; an error ends the enumeration and is its result. */
typedef int mcl_cl_visit(void *ctx, cl_device_id id, const mcl_cl_caps *caps, motcl_err *err);

/**
 * Visit every device of every platform that offers OpenCL 1.2, full profile. A platform or device
 * that fails or is too old is passed over, which the log tells, but keeps its index; no platform at all
 * is no error, and neither is a child that was forked after OpenCL was used, where there are no devices.
 * Device ids stay valid for the life of the process.
 *
 * why  gets the reason why there is no device, as words for a sentence, where one is known; else it
 *      stays as it is
 */
int mcl_cl_enumerate(mcl_cl_visit *visit, void *ctx, const char **why, motcl_err *err);

/**
 * Describe one device, which may also be a part of one or come from elsewhere.
 *
 * platform_index, device_index  what it is called by; -1, -1 for what enumeration did not show
 *
 * Returns MOTCL_ENODEVICE for what enumeration would pass over.
 */
int mcl_cl_describe(mcl_cl_caps *caps, cl_device_id id, int platform_index, int device_index,
                    motcl_err *err);

/** Make `text` printable in place: other bytes become '?', runs of blanks one, ends are trimmed. */
void mcl_cl_printable(char *text);

#endif
