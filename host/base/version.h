/* version.h - the version of the library, as configure states it. */
#ifndef MCL_BASE_VERSION_H
#define MCL_BASE_VERSION_H

/** As "0.1.0". */
extern const char mcl_version[];

#endif
