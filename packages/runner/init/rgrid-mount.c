/*
 * rgrid-mount: puts directories of this machine into the mount namespace of a slot that waits already, and takes them
 * out again. Started by a runner that is root, one for all its slots; ends with its stdin.
 *
 *   rgrid-mount INIT       INIT: what the first argument of a slot's pid 1 is
 *
 * Requests and replies are `u32le length, payload`, one reply a request, in order; `str` is `u32 length, bytes`.
 *
 *   T u32 pid                                             can this be done at all; pid 0: in a namespace of its own
 *   M u32 pid, u32 count, {u8 read only, str source, str target}...      mounts, in this order
 *   U u32 pid, u32 count, str target..., u32 count, str made...          unmounts, and removes directories made
 *   reply: u32 errno, u32 count, str made...              made: directories made for targets, in this order
 *
 * Each request is a child's, which enters the namespace: this process stays outside. No link in it is ever followed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The same numbers on x64 and arm64; younger than some headers. */
#define OPEN_TREE 428
#define MOVE_MOUNT 429
#define OPENAT2 437
#define MOUNT_SETATTR 442
#define TREE_CLONE 1u
#define FROM_EMPTY 0x04u
#define TO_EMPTY 0x40u
#define READ_ONLY 1u
#define NO_MAGIC_LINKS 0x02u
#define NO_SYMLINKS 0x04u
#define BENEATH 0x08u

#define MAX_REQUEST (1u << 20)
#define MAX_COUNT 1024
#define PATIENCE_S 10

struct how { uint64_t flags, mode, resolve; };
struct attributes { uint64_t set, clear, propagation, userns; };
struct cursor { const uint8_t *at, *end; int bad; };

static const char *init_path;
static char *made[MAX_COUNT];
static uint32_t made_count;
static int lifted;

/* ---- bytes ---- */

static uint32_t get32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static void put32(uint8_t *p, uint32_t v) {
  for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> (8 * i));
}

static uint8_t next8(struct cursor *c) {
  if (c->at == c->end) return c->bad = 1, 0;
  return *c->at++;
}
static uint32_t next32(struct cursor *c) {
  if (c->end - c->at < 4) return c->bad = 1, 0;
  c->at += 4;
  return get32(c->at - 4);
}
static char *next_path(struct cursor *c) {
  uint32_t length = next32(c);
  if (c->bad || (uint64_t)(c->end - c->at) < length || memchr(c->at, 0, length)) return c->bad = 1, NULL;
  char *text = strndup((const char *)c->at, length);
  c->at += length;
  if (!text || *text != '/') return c->bad = 1, NULL;
  return text;
}
static uint32_t next_count(struct cursor *c) {
  uint32_t count = next32(c);
  return count > MAX_COUNT ? c->bad = 1, 0 : count;
}

static int read_all(void *to, size_t length) {
  for (size_t at = 0; at < length;) {
    ssize_t n = read(0, (uint8_t *)to + at, length - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return 0;
    at += (size_t)n;
  }
  return 1;
}

static void reply(int error) {
  static uint8_t payload[MAX_REQUEST];
  uint32_t length = 12;
  put32(payload + 4, (uint32_t)error);
  for (uint32_t i = 0; i < made_count; i++) {
    uint32_t size = (uint32_t)strlen(made[i]);
    put32(payload + length, size);
    memcpy(payload + length + 4, made[i], size);
    length += 4 + size;
  }
  put32(payload, length - 4);
  put32(payload + 8, made_count);
  for (uint32_t at = 0; at < length;) {
    ssize_t n = write(1, payload + at, length - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(1);
    at += (uint32_t)n;
  }
}

/* ---- mounts ---- */

/* A copy of the mount with the directory as its root, seen by nobody yet. Nothing mounted beneath it comes along. */
static int copy_of(const char *source, int read_only) {
  struct attributes attributes = {.set = read_only ? READ_ONLY : 0, .propagation = MS_PRIVATE};
  int tree = (int)syscall(OPEN_TREE, AT_FDCWD, source, TREE_CLONE | O_CLOEXEC | AT_SYMLINK_NOFOLLOW);
  if (tree < 0) return -1;
  if (syscall(MOUNT_SETATTR, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes)) return -1;
  return tree;
}

static int seal(int read_only) {
  struct attributes attributes = {.set = read_only ? READ_ONLY : 0, .clear = read_only ? 0 : READ_ONLY};
  return (int)syscall(MOUNT_SETATTR, AT_FDCWD, "/", 0, &attributes, sizeof attributes);
}

/* No script runs in a slot that is being furnished: its root may be writable for that moment. */
static int lift(void) {
  if (lifted || seal(0)) return -1;
  return lifted = 1, 0;
}

static int child_of(int parent, const char *name) {
  struct how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = NO_SYMLINKS | NO_MAGIC_LINKS | BENEATH};
  return (int)syscall(OPENAT2, parent, name, &how, sizeof how);
}

static int make_in(int parent, const char *name, const char *path, const char *end) {
  if (mkdirat(parent, name, 0755) && (errno != EROFS || lift() || mkdirat(parent, name, 0755))) return -1;
  if (made_count == MAX_COUNT) return errno = E2BIG, -1;
  made[made_count++] = strndup(path, (size_t)(end - path));
  return child_of(parent, name);
}

/* The directory at an absolute path, made where it is missing. */
static int directory_at(const char *path) {
  char name[256];
  int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (const char *end, *from = path + 1; at >= 0 && *from; from = *end ? end + 1 : end) {
    end = strchrnul(from, '/');
    if (end - from > 255 || end == from) return errno = EINVAL, -1;
    snprintf(name, sizeof name, "%.*s", (int)(end - from), from);
    int next = child_of(at, name);
    if (next < 0 && errno == ENOENT) next = make_in(at, name, path, end);
    int error = errno;
    close(at);
    errno = error;
    at = next;
  }
  return at;
}

static int attach(int tree, const char *target) {
  int place = directory_at(target);
  if (place < 0) return errno;
  int error = syscall(MOVE_MOUNT, tree, "", place, "", FROM_EMPTY | TO_EMPTY) ? errno : 0;
  close(place);
  return error;
}

/* The directory of the process in /proc stays its own, even should its pid become somebody else's. */
static int enter(uint32_t pid) {
  char path[32], command[256];
  snprintf(path, sizeof path, "/proc/%u", pid);
  int process = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (process < 0) return errno;
  int file = openat(process, "cmdline", O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, command, sizeof command - 1);
  if (length <= 0) return ESRCH;
  command[length] = 0;
  if (strcmp(command, init_path)) return ESRCH;
  int space = openat(process, "ns/mnt", O_RDONLY | O_CLOEXEC);
  if (space < 0 || setns(space, CLONE_NEWNS)) return errno;
  return 0;
}

/* ---- requests ---- */

static int mount_all(struct cursor *c) {
  static int trees[MAX_COUNT];
  static char *targets[MAX_COUNT];
  uint32_t pid = next32(c), count = next_count(c);
  for (uint32_t i = 0; i < count; i++) {
    int read_only = next8(c);
    char *source = next_path(c);
    targets[i] = next_path(c);
    if (c->bad) return EINVAL;
    trees[i] = copy_of(source, read_only);
    if (trees[i] < 0) return errno;
  }
  int error = c->bad ? EINVAL : enter(pid);
  for (uint32_t i = 0; i < count && !error; i++) error = attach(trees[i], targets[i]);
  return error;
}

static int unmount_all(struct cursor *c) {
  static char *paths[MAX_COUNT];
  uint32_t pid = next32(c), count = next_count(c);
  int error = c->bad ? EINVAL : enter(pid);
  for (uint32_t i = 0; i < count && !error; i++) {
    char *target = next_path(c);
    if (c->bad) return EINVAL;
    if (umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW)) error = errno;
  }
  count = error ? 0 : next_count(c);
  for (uint32_t i = 0; i < count; i++) paths[i] = next_path(c);
  if (c->bad) return EINVAL;
  while (count-- && !error)
    if (rmdir(paths[count]) && (errno != EROFS || lift() || rmdir(paths[count]))) error = errno;
  return error;
}

static int try_out(struct cursor *c) {
  uint32_t pid = next32(c);
  if (c->bad) return EINVAL;
  if (pid) return enter(pid);
  int tree = copy_of("/", 1);
  if (tree < 0 || unshare(CLONE_NEWNS)) return errno;
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) return errno;
  return attach(tree, "/");
}

static void answer(struct cursor *c) {
  int error;
  umask(0);
  alarm(PATIENCE_S);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  switch (next8(c)) {
    case 'M': error = mount_all(c); break;
    case 'U': error = unmount_all(c); break;
    case 'T': error = try_out(c); break;
    default: error = EINVAL;
  }
  if (lifted && seal(1) && !error) error = errno;
  reply(error);
  _exit(0);
}

int main(int argc, char **argv) {
  static uint8_t head[4], payload[MAX_REQUEST];
  if (argc != 2) return 64;
  init_path = argv[1];
  while (read_all(head, sizeof head)) {
    uint32_t length = get32(head);
    int status = 1;
    if (length > MAX_REQUEST || !read_all(payload, length)) return 65;
    pid_t pid = fork();
    if (pid == 0) answer(&(struct cursor){payload, payload + length, 0});
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || status) reply(EIO);
  }
  return 0;
}
