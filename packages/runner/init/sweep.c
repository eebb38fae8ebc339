/*
 * What a script can leave in a container whose root is read-only: files in the memory file systems that every user may
 * write to (/tmp, /dev/shm with its semaphores, /dev/mqueue), System V IPC, and attributes of its directories.
 * Nothing of the script runs meanwhile, so nothing changes between two calls; names and links are still not trusted.
 */
#define _GNU_SOURCE
#include "sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static int is_dot(const char *name) { return !strcmp(name, ".") || !strcmp(name, ".."); }

static DIR *list(int at, const char *name) {
  int fd = openat(at, name, DIRECTORY);
  DIR *entries = fd < 0 ? NULL : fdopendir(fd);
  if (!entries && fd >= 0) close(fd);
  return entries;
}

/* Up to `top` under a name that is free there. A directory that moves has to be writable itself. */
static int hoist(int top, int from, const char *name) {
  static unsigned serial;
  char free_name[32];
  if (fchmodat(from, name, 0700, 0)) return errno;
  do {
    snprintf(free_name, sizeof free_name, ".rgrid-%u", serial++);
    if (!renameat(from, name, top, free_name)) return 0;
  } while (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR);
  return errno;
}

/* Removes a directory in `top` once those in it are moved up to `top`: however deep a script nested them, this takes
 * neither stack nor descriptors. */
static int flatten(int top, const char *name) {
  struct stat st;
  int error = 0;
  if (fchmodat(top, name, 0700, 0)) return errno;
  DIR *entries = list(top, name);
  if (!entries) return errno;
  for (struct dirent *entry; !error && (entry = readdir(entries));) {
    if (is_dot(entry->d_name)) continue;
    if (fstatat(dirfd(entries), entry->d_name, &st, AT_SYMLINK_NOFOLLOW)) error = errno;
    else if (S_ISDIR(st.st_mode)) error = hoist(top, dirfd(entries), entry->d_name);
    else if (unlinkat(dirfd(entries), entry->d_name, 0)) error = errno;
  }
  closedir(entries);
  if (error) return error;
  /* ENOTEMPTY: a reading of the directory while it changes may miss some. The next pass finds them. */
  return unlinkat(top, name, AT_REMOVEDIR) && errno != ENOTEMPTY ? errno : 0;
}

/* One entry of the mount: what others own was there before the script (places for mounts), and not writable for it. */
static int drop(int top, dev_t device, uid_t uid, const char *name, int *removed) {
  struct stat st;
  if (fstatat(top, name, &st, AT_SYMLINK_NOFOLLOW)) return errno == ENOENT ? 0 : errno;
  if (st.st_dev != device) return 0;
  if (st.st_uid != uid) return S_ISDIR(st.st_mode) && !faccessat(top, name, W_OK, 0) ? EPERM : 0;
  *removed = 1;
  if (S_ISDIR(st.st_mode)) return flatten(top, name);
  return unlinkat(top, name, 0) ? errno : 0;
}

/* Passes until one finds nothing. */
static int empty(const char *path, uid_t uid) {
  struct stat st;
  int error = 0, removed = 1;
  while (!error && removed) {
    DIR *entries = list(AT_FDCWD, path);
    /* A file that is mounted, or a directory the script saw as little of as we do. */
    if (!entries) return errno == ENOTDIR || errno == EACCES || errno == ELOOP ? 0 : errno;
    removed = 0;
    if (fstat(dirfd(entries), &st)) error = errno;
    for (struct dirent *entry; !error && (entry = readdir(entries));)
      if (!is_dot(entry->d_name)) error = drop(dirfd(entries), st.st_dev, uid, entry->d_name, &removed);
    closedir(entries);
  }
  return error;
}

/* Default ACLs and attributes of the directory itself would be the next script's too. */
static int bare(const char *path, uid_t uid) {
  static char names[1 << 16];
  struct stat st;
  if (stat(path, &st) || st.st_uid != uid) return 0;
  if (chmod(path, 0755)) return errno;
  ssize_t length = listxattr(path, names, sizeof names);
  if (length < 0) return errno == ENOTSUP ? 0 : errno;
  for (char *name = names; name < names + length; name += strlen(name) + 1) {
    if (strncmp(name, "user.", 5) && strncmp(name, "system.posix_acl_", 17)) continue;
    if (removexattr(path, name)) return errno;
  }
  return 0;
}

static int is_kept(char *const *keep, const char *path) {
  for (; *keep; keep++)
    if (!strcmp(*keep, path)) return 1;
  return 0;
}

/* Space, tab, newline and backslash come as three octal digits. */
static void unescape(char *text) {
  char *to = text;
  for (char *from = text; *from; to++) {
    if (from[0] == '\\' && from[1] && from[2] && from[3]) {
      *to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
      from += 4;
    } else *to = *from++;
  }
  *to = 0;
}

/* One line of mountinfo: `id parent dev root PLACE OPTIONS tags... - TYPE source super`. */
static int sweep_mount(char *line, uid_t uid, char *const *keep) {
  static const char *const kernels[] = {"proc", "sysfs", "devpts", "cgroup", "cgroup2", NULL};
  char *save, *place = NULL, *options = NULL, *type = strstr(line, " - ");
  struct stat st;
  if (!type) return EINVAL;
  *type = 0;
  type = strtok_r(type + 3, " ", &save);
  char *field = strtok_r(line, " ", &save);
  for (int i = 0; field; field = strtok_r(NULL, " ", &save), i++) {
    if (i == 4) place = field;
    if (i == 5) options = field;
  }
  if (!type || !place || !options) return EINVAL;
  unescape(place);
  if (!strncmp(options, "ro", 2) || is_kept(keep, place) || is_kept((char *const *)kernels, type)) return 0;
  if (!strcmp(type, "tmpfs") || !strcmp(type, "mqueue")) return empty(place, uid);
  /* A volume of the image's: what of it is the script's can't be told. */
  return !lstat(place, &st) && S_ISDIR(st.st_mode) ? ENOTSUP : 0;
}

static int sweep_mounts(uid_t uid, char *const *keep) {
  char *line = NULL;
  size_t size = 0;
  int error = 0;
  FILE *mounts = fopen("/proc/self/mountinfo", "re");
  if (!mounts) return errno;
  while (!error && getline(&line, &size, mounts) > 0) error = sweep_mount(line, uid, keep);
  free(line);
  fclose(mounts);
  return error;
}

static int remove_shm(int id) { return shmctl(id, IPC_RMID, NULL); }
static int remove_sem(int id) { return semctl(id, 0, IPC_RMID); }
static int remove_msg(int id) { return msgctl(id, IPC_RMID, NULL); }

/* Each is in the second column; all are of this container. A kernel without them has no such file. */
static int sweep_ipc(const char *table, int (*drop_one)(int)) {
  char *line = NULL;
  size_t size = 0;
  int id, error = 0;
  FILE *rows = fopen(table, "re");
  if (!rows) return errno == ENOENT ? 0 : errno;
  while (!error && getline(&line, &size, rows) > 0)
    if (sscanf(line, "%*d %d", &id) == 1 && drop_one(id) && errno != EINVAL && errno != EIDRM) error = errno;
  free(line);
  fclose(rows);
  return error;
}

int sweep(uid_t uid, char *const *keep) {
  int error = sweep_ipc("/proc/sysvipc/shm", remove_shm);
  if (!error) error = sweep_ipc("/proc/sysvipc/sem", remove_sem);
  if (!error) error = sweep_ipc("/proc/sysvipc/msg", remove_msg);
  for (char *const *path = keep; *path && !error; path++) error = bare(*path, uid);
  return error ? error : sweep_mounts(uid, keep);
}
