# MCL_NEED(WHAT, WHY, HEADER, LINES BEFORE THE HEADER, LIBRARY, FUNCTION, DEBIAN PACKAGE, [LIBRARIES])
# Adds the library to the variable LIBRARIES, MOTCL_LIBS if that is not given, or a sentence to
# missing_text and the package to missing_packages.
AC_DEFUN([MCL_NEED], [
  m4_pushdef([mcl_libs], m4_default([$8], [MOTCL_LIBS]))
  mcl_found=no
  AC_CHECK_HEADER([$3], [mcl_found=yes], [], [$4
])
  AS_IF([test $mcl_found = yes],
    [AC_CHECK_LIB([$5], [$6], [mcl_libs="-l$5 $mcl_libs"], [mcl_found=no], [$mcl_libs])])
  AS_IF([test $mcl_found = no],
    [missing_text="$missing_text
  $1 ($2) is missing: install the Debian package $7."
     AS_CASE(["$missing_packages "], [*" $7 "*], [], [missing_packages="$missing_packages $7"])])
  m4_popdef([mcl_libs])
])
