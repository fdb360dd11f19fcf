# MCL_VERSION_SCRIPT: VERSION_SCRIPT, whether the linker gives the symbols of a shared library versions.
AC_DEFUN([MCL_VERSION_SCRIPT], [
AC_CACHE_CHECK([whether the linker takes version scripts], [mcl_cv_version_script],
  [AS_ECHO(['CONFTEST_1 { global: outside; local: *; };']) >conftest.ver
   saved_LDFLAGS=$LDFLAGS
   LDFLAGS="$LDFLAGS -shared -fPIC -Wl,--version-script=conftest.ver"
   AC_LINK_IFELSE([AC_LANG_SOURCE([int outside(void);
int outside(void) { return 0; }])], [mcl_cv_version_script=yes], [mcl_cv_version_script=no])
   LDFLAGS=$saved_LDFLAGS
   rm -f conftest.ver])
AM_CONDITIONAL([VERSION_SCRIPT], [test $mcl_cv_version_script = yes])
])

# MCL_ONE_OBJECT: ONE_OBJECT, whether the members of an archive can be joined to one object that shows
# the names of a list only. Tried with a program that has a name of its own which the object hides.
AC_DEFUN([MCL_ONE_OBJECT], [
AC_CHECK_TOOLS([OBJCOPY], [objcopy llvm-objcopy])
AC_CACHE_CHECK([whether a static library can hide its private names], [mcl_cv_one_object],
  [mcl_cv_one_object=no
   AC_COMPILE_IFELSE([AC_LANG_SOURCE([int inside(void);
int inside(void) { return 1; }])], [mv conftest.$ac_objext conftest_inside.o])
   AC_COMPILE_IFELSE([AC_LANG_SOURCE([int inside(void); int outside(void);
int outside(void) { return inside(); }])], [mv conftest.$ac_objext conftest_outside.o])
   AS_ECHO([outside]) >conftest.sym
   AS_IF([{ test -n "$OBJCOPY" &&
            $LD -r --force-group-allocation -o conftest_one.o conftest_inside.o conftest_outside.o &&
            $OBJCOPY --keep-global-symbols=conftest.sym conftest_one.o; } >&AS_MESSAGE_LOG_FD 2>&1],
     [saved_LIBS=$LIBS
      LIBS="conftest_one.o $LIBS"
      AC_LINK_IFELSE([AC_LANG_SOURCE([int inside(void); int outside(void);
int inside(void) { return 2; }
int main(void) { return outside() + inside(); }])], [mcl_cv_one_object=yes])
      LIBS=$saved_LIBS])
   rm -f conftest_inside.o conftest_outside.o conftest_one.o conftest.sym])
AM_CONDITIONAL([ONE_OBJECT], [test $mcl_cv_one_object = yes])
AS_IF([test $enable_static = yes && test $mcl_cv_one_object = no],
  [AC_MSG_WARN([libmotcl.a will show its private names, mcl_..., to whoever links it: to hide them takes GNU ld 2.29 and objcopy, and objects without -flto])])
])
