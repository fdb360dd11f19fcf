/* limits.h - how large a picture may be that is read; looked at before memory is taken. */
#ifndef MCL_IO_LIMITS_H
#define MCL_IO_LIMITS_H

#include <stdint.h>

#include "base/err.h"

/** What a picture may be at most. */
typedef struct mcl_picture_limits {
  uint64_t max_pixels; /* width * height */
  uint32_t max_side;   /* pixels */
} mcl_picture_limits;

/** Where Pillow refuses as well (a decompression bomb to it), and the longest side of a JPEG. */
#define MCL_PICTURE_LIMITS_DEFAULT ((mcl_picture_limits){178956970, 65500})

/** MOTCL_OK, or MOTCL_EFIT if a picture of that size is over a limit. */
int mcl_picture_check_size(uint32_t width, uint32_t height, const mcl_picture_limits *lim,
                           motcl_err *err);

#endif
