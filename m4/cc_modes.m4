dnl SPDX-License-Identifier: Apache-2.0
dnl Builds for finding faults: sanitizers, fuzzers, coverage. Each stops configure when the compiler cannot do it.

AC_DEFUN([CC_MODE_FLAGS], [
  cc_saved_flags=$CFLAGS
  CFLAGS="$CFLAGS $2"
  AC_MSG_CHECKING([whether $CC accepts $2])
  AC_LINK_IFELSE([m4_default([$3], [AC_LANG_PROGRAM([[#include <stdio.h>]], [[printf("%d", 1);]])])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([$1 needs a compiler that accepts $2])])
  CFLAGS=$cc_saved_flags])

dnl With --enable-fuzz they are on: a fuzzer sees little without them.
dnl MODE_CFLAGS go to the compiler and, as it is the driver, to the linker too.
AC_DEFUN([CC_SANITIZERS], [
  cc_instrumented=no
  MODE_CFLAGS=
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers=LIST], [for -fsanitize=; without a list: address,undefined])],
    [], [AS_IF([test "${enable_fuzz:-no}" = no], [enable_sanitizers=no], [enable_sanitizers=yes])])
  AS_IF([test "x$enable_sanitizers" = xyes], [enable_sanitizers=address,undefined])
  AS_IF([test "x$enable_sanitizers" != xno], [
    CC_MODE_FLAGS([--enable-sanitizers],
      [-fsanitize=$enable_sanitizers -fno-sanitize-recover=all -fno-omit-frame-pointer])
    MODE_CFLAGS="$MODE_CFLAGS -fsanitize=$enable_sanitizers -fno-sanitize-recover=all -fno-omit-frame-pointer"
    cc_instrumented=yes])
  AC_SUBST([MODE_CFLAGS])])

dnl The library gets the coverage hooks of libFuzzer, the targets also its main().
AC_DEFUN([CC_FUZZ], [
  FUZZ_LDFLAGS=
  AC_ARG_ENABLE([fuzz], [AS_HELP_STRING([--enable-fuzz], [fuzz targets with libFuzzer (clang), and sanitizers])], [], [enable_fuzz=no])
  AS_IF([test "x$enable_fuzz" = xyes], [
    CC_MODE_FLAGS([--enable-fuzz], [-fsanitize=fuzzer], [AC_LANG_SOURCE([[
      int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size);
      int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size) { return data && size ? 0 : 0; }]])])
    MODE_CFLAGS="$MODE_CFLAGS -fsanitize=fuzzer-no-link"
    FUZZ_LDFLAGS=-fsanitize=fuzzer
    cc_instrumented=yes])
  AC_SUBST([FUZZ_LDFLAGS])
  AM_CONDITIONAL([FUZZ], [test "x$enable_fuzz" = xyes])])

AC_DEFUN([CC_COVERAGE], [
  AC_ARG_ENABLE([coverage], [AS_HELP_STRING([--enable-coverage], [count executed lines: make coverage])],
    [], [enable_coverage=no])
  AS_IF([test "x$enable_coverage" = xyes], [
    CC_MODE_FLAGS([--enable-coverage], [--coverage])
    MODE_CFLAGS="$MODE_CFLAGS --coverage"
    cc_instrumented=yes])
  AM_CONDITIONAL([COVERAGE], [test "x$enable_coverage" = xyes])])
