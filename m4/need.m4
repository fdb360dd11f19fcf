# MCL_NEED(WHAT, WHY, HEADER, LINES BEFORE THE HEADER, LIBRARY, FUNCTION, DEBIAN PACKAGE)
# Adds the library to MOTCL_LIBS, or a sentence to missing_text and the package to missing_packages.
AC_DEFUN([MCL_NEED], [
  mcl_found=no
  AC_CHECK_HEADER([$3], [mcl_found=yes], [], [$4
])
  AS_IF([test $mcl_found = yes],
    [AC_CHECK_LIB([$5], [$6], [MOTCL_LIBS="-l$5 $MOTCL_LIBS"], [mcl_found=no], [$MOTCL_LIBS])])
  AS_IF([test $mcl_found = no],
    [missing_text="$missing_text
  $1 ($2) is missing: install the Debian package $7."
     AS_CASE(["$missing_packages "], [*" $7 "*], [], [missing_packages="$missing_packages $7"])])
])
