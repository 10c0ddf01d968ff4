/* Makes the n-th file system call below one directory fail, from outside of the
 * program under test, by LD_PRELOAD. Set by environment variables:
 *
 *   MUSTER_FAULT_ROOT   only calls on paths below this directory count
 *   MUSTER_FAULT_COUNT  changes: only calls that change something count, such as
 *                       an open that may create; else all do
 *   MUSTER_FAULT_AT     the call at which it happens, from 1
 *   MUSTER_FAULT_MODE   kill-before, kill-after, errno, errno-ever, short, hang,
 *                       or note: nothing fails
 *   MUSTER_FAULT_ERRNO  the errno, a number
 *   MUSTER_FAULT_FIRED  a file that is made when it happens
 *   MUSTER_FAULT_NOTES  with note: a file that gets a line for each call that
 *                       counts, "<function> <path>"
 *
 * The path of a descriptor is looked up in /proc/self/fd, so that calls
 * relative to a directory count as well, and those on sockets and pipes do not.
 * All threads share one count. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum mode { off, kill_before, kill_after, fail_once, fail_ever, shorten, hang, note };
enum effect { looks, changes };
enum verdict { go_on, go_on_then_die, refuse, halve };

static struct {
  enum mode mode;
  long at;
  int error;
  const char* root;
  size_t root_size;
  const char* fired;
  const char* notes;
  int changes_only;
} plan;

static atomic_long calls;
static long (*real_syscall)(long, ...);

static enum mode mode_named(const char* name) {
  static const char* const names[] = {"off",        "kill-before", "kill-after", "errno",
                                      "errno-ever", "short",       "hang",       "note"};
  for (int i = kill_before; i <= note; ++i)
    if (!strcmp(name, names[i]))
      return (enum mode)i;
  return off;
}

__attribute__((constructor)) static void read_plan(void) {
  real_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  const char* at = getenv("MUSTER_FAULT_AT");
  const char* mode = getenv("MUSTER_FAULT_MODE");
  const char* error = getenv("MUSTER_FAULT_ERRNO");
  plan.root = getenv("MUSTER_FAULT_ROOT");
  plan.fired = getenv("MUSTER_FAULT_FIRED");
  plan.notes = getenv("MUSTER_FAULT_NOTES");
  const char* count = getenv("MUSTER_FAULT_COUNT");
  plan.changes_only = count && !strcmp(count, "changes");
  if (!plan.root || !mode || !(at || plan.notes))
    return;
  plan.root_size = strlen(plan.root);
  plan.at = at ? atol(at) : 0;
  plan.error = error ? atoi(error) : EIO;
  plan.mode = mode_named(mode);
}

static int below_root(const char* path) {
  return !strncmp(path, plan.root, plan.root_size) && (path[plan.root_size] == '/' || path[plan.root_size] == '\0');
}

/* If it counts, `text` is the path, or of a relative one where it begins. */
static int counts(int directory, const char* path, enum effect effect, char text[PATH_MAX]) {
  char link[64];
  if (plan.mode == off || (plan.changes_only && effect == looks))
    return 0;
  if (path && path[0] == '/') {
    snprintf(text, PATH_MAX, "%s", path);
    return below_root(path);
  }
  snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
  const long size = real_syscall(SYS_readlink, link, text, PATH_MAX - 1);
  if (size < 0)
    return 0;
  text[size] = '\0';
  return below_root(text);
}

static void die(void) {
  real_syscall(SYS_kill, getpid(), SIGKILL);
  for (;;)
    pause();
}

static void tell_fired(void) {
  if (!plan.fired)
    return;
  const long file = real_syscall(SYS_openat, AT_FDCWD, plan.fired, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (file >= 0)
    real_syscall(SYS_close, file);
}

static void note_call(const char* call, const char* where, const char* path) {
  char line[2 * PATH_MAX + 64];
  const int size = snprintf(line, sizeof line, "%s %s%s%s\n", call, where, path && path[0] != '/' ? "/" : "",
                            path && path[0] != '/' ? path : "");
  const long file = real_syscall(SYS_openat, AT_FDCWD, plan.notes, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0)
    return;
  real_syscall(SYS_write, file, line, (size_t)size);
  real_syscall(SYS_close, file);
}

static enum verdict judge(const char* call, int directory, const char* path, enum effect effect, int can_be_short) {
  const int kept = errno;
  char where[PATH_MAX];
  enum verdict result = go_on;
  const int counted = counts(directory, path, effect, where);
  if (counted && plan.mode == note)
    note_call(call, where, path);
  else if (counted) {
    const long number = atomic_fetch_add(&calls, 1) + 1;
    if (plan.mode == fail_ever ? number >= plan.at : number == plan.at) {
      tell_fired();
      switch (plan.mode) {
        case kill_before: die(); break;
        case kill_after: result = go_on_then_die; break;
        case fail_once:
        case fail_ever: result = refuse; break;
        case hang:
          for (;;)
            pause();
        case shorten: result = can_be_short ? halve : go_on; break;
        case note:
        case off: break;
      }
    }
  }
  errno = kept;
  return result;
}

/* Asks what is to happen to a call, and makes it or not. */
#define GUARDED(effect, directory, path, ...)                                                                          \
  do {                                                                                                                 \
    const enum verdict judged = judge(__func__, directory, path, effect, 0);                                           \
    if (judged == refuse) {                                                                                            \
      errno = plan.error;                                                                                              \
      return -1;                                                                                                       \
    }                                                                                                                  \
    const long answer = real_syscall(__VA_ARGS__);                                                                     \
    if (judged == go_on_then_die)                                                                                      \
      die();                                                                                                           \
    return answer;                                                                                                     \
  } while (0)

static ssize_t guarded_transfer(enum effect effect, long number, int file, void* bytes, size_t size, off_t at) {
  const enum verdict judged = judge(effect == changes ? "write" : "read", file, NULL, effect, 1);
  if (judged == refuse) {
    errno = plan.error;
    return -1;
  }
  if (judged == halve && size > 1)
    size /= 2;
  const long answer = real_syscall(number, file, bytes, size, at);
  if (judged == go_on_then_die)
    die();
  return answer;
}

static int guarded_openat(int directory, const char* path, int flags, mode_t mode) {
  GUARDED(flags & (O_CREAT | O_TRUNC) ? changes : looks, directory, path, SYS_openat, directory, path, flags, mode);
}

int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
  va_end(list);
  return guarded_openat(AT_FDCWD, path, flags, mode);
}

int openat(int directory, const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
  va_end(list);
  return guarded_openat(directory, path, flags, mode);
}

int open64(const char* path, int flags, ...) __attribute__((alias("open")));
int openat64(int directory, const char* path, int flags, ...) __attribute__((alias("openat")));

/* What a fortified build calls instead. */
int __open_2(const char* path, int flags) {
  return guarded_openat(AT_FDCWD, path, flags, 0);
}
int __openat_2(int directory, const char* path, int flags) {
  return guarded_openat(directory, path, flags, 0);
}

/* openat2 has no function of its own in the C library. */
long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long a[6];
  for (int i = 0; i < 6; ++i)
    a[i] = va_arg(list, long);
  va_end(list);
  if (number != SYS_openat2)
    return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  const struct open_how* how = (const struct open_how*)a[2];
  GUARDED(how->flags & (O_CREAT | O_TRUNC) ? changes : looks, (int)a[0], (const char*)a[1], SYS_openat2, a[0], a[1],
          a[2], a[3]);
}

ssize_t read(int file, void* into, size_t size) {
  return guarded_transfer(looks, SYS_read, file, into, size, 0);
}
ssize_t write(int file, const void* from, size_t size) {
  return guarded_transfer(changes, SYS_write, file, (void*)from, size, 0);
}
ssize_t pread(int file, void* into, size_t size, off_t at) {
  return guarded_transfer(looks, SYS_pread64, file, into, size, at);
}
ssize_t pwrite(int file, const void* from, size_t size, off_t at) {
  return guarded_transfer(changes, SYS_pwrite64, file, (void*)from, size, at);
}
ssize_t pread64(int file, void* into, size_t size, off_t at) __attribute__((alias("pread")));
ssize_t pwrite64(int file, const void* from, size_t size, off_t at) __attribute__((alias("pwrite")));
ssize_t getdents64(int directory, void* into, size_t size) {
  GUARDED(looks, directory, NULL, SYS_getdents64, directory, into, size);
}

int fsync(int file) {
  GUARDED(changes, file, NULL, SYS_fsync, file);
}
int fdatasync(int file) {
  GUARDED(changes, file, NULL, SYS_fdatasync, file);
}
int syncfs(int file) {
  GUARDED(changes, file, NULL, SYS_syncfs, file);
}
int ftruncate(int file, off_t size) {
  GUARDED(changes, file, NULL, SYS_ftruncate, file, size);
}
int ftruncate64(int file, off_t size) __attribute__((alias("ftruncate")));
int fallocate(int file, int how, off_t from, off_t size) {
  GUARDED(changes, file, NULL, SYS_fallocate, file, how, from, size);
}
int fallocate64(int file, int how, off_t from, off_t size) __attribute__((alias("fallocate")));
int fchown(int file, uid_t user, gid_t group) {
  GUARDED(changes, file, NULL, SYS_fchown, file, user, group);
}
int fchmod(int file, mode_t mode) {
  GUARDED(changes, file, NULL, SYS_fchmod, file, mode);
}

int renameat2(int from_directory, const char* from, int to_directory, const char* to, unsigned flags) {
  GUARDED(changes, from_directory, from, SYS_renameat2, from_directory, from, to_directory, to, flags);
}
int renameat(int from_directory, const char* from, int to_directory, const char* to) {
  return renameat2(from_directory, from, to_directory, to, 0);
}
int rename(const char* from, const char* to) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}
int unlinkat(int directory, const char* path, int flags) {
  GUARDED(changes, directory, path, SYS_unlinkat, directory, path, flags);
}
int unlink(const char* path) {
  return unlinkat(AT_FDCWD, path, 0);
}
int mkdirat(int directory, const char* path, mode_t mode) {
  GUARDED(changes, directory, path, SYS_mkdirat, directory, path, mode);
}
int mkdir(const char* path, mode_t mode) {
  return mkdirat(AT_FDCWD, path, mode);
}
int rmdir(const char* path) {
  return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}
int linkat(int from_directory, const char* from, int to_directory, const char* to, int flags) {
  GUARDED(changes, to_directory, to, SYS_linkat, from_directory, from, to_directory, to, flags);
}
int link(const char* from, const char* to) {
  return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}
