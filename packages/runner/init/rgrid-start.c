/*
 * rgrid-start: starts an OCI runtime for each slot, in a mount namespace with the slot's root. A small process forks in
 * a fraction of the time that its runner would take. Started by a runner that is root; ends with its stdin.
 *
 *   rgrid-start DIRECTORY RUNTIME      listens at the socket `start` in DIRECTORY; one byte on stdout tells so. Why it
 *                                      can't stands on stderr
 *
 * A connection is a slot's: the request on it is `u32le length, str...`, each string ending with a zero byte:
 *
 *   slot's directory, image's files, config.json, arguments of the runtime...
 *
 * The answer is the runtime's `u32le pid`; from then on the connection is its stdin and stdout. It ends when the runtime
 * has, and what that complained of stands in the file `said` of the slot's directory.
 *
 * All stay in this program's session: a kernel that shares its processors among sessions gives what is done ahead and
 * afterwards no more, all together, than it gives the runner.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_REQUEST (1u << 20)
#define MAX_ARGUMENTS 64
#define PATIENCE_S 30
#define UNIFIED "/sys/fs/cgroup/unified"
#define EXECUTABLE 0x10u /* MFD_EXEC, younger than some headers */

static const char *runtime;
static int program = -1;

/* ---- the runtime ---- */

static int find(const char *name) {
  char path[4096];
  const char *rest = getenv("PATH");
  while (rest && *rest) {
    const char *end = strchrnul(rest, ':');
    snprintf(path, sizeof path, "%.*s/%s", (int)(end - rest), rest, name);
    if (!access(path, X_OK)) return open(path, O_RDONLY | O_CLOEXEC);
    rest = *end ? end + 1 : end;
  }
  return -1;
}

/*
 * Runtimes copy themselves for each container and start once more, so that none of them can overwrite the program. What
 * is sealed in memory already needs neither. Without one it is started by its name.
 */
static int sealed(int file) {
  struct stat status;
  if (file < 0 || fstat(file, &status)) return -1;
  int copy = memfd_create(runtime, MFD_CLOEXEC | MFD_ALLOW_SEALING | EXECUTABLE);
  if (copy < 0) copy = memfd_create(runtime, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  for (off_t at = 0; copy >= 0 && at < status.st_size;)
    if (sendfile(copy, file, &at, (size_t)(status.st_size - at)) <= 0) return -1;
  if (copy < 0 || fcntl(copy, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)) return -1;
  return copy;
}

/* ---- one slot, in a child ---- */

static void must(int result, const char *what) {
  if (result >= 0) return;
  dprintf(2, "%s: %s\n", what, strerror(errno));
  _exit(1);
}

static void read_all(void *to, size_t length) {
  for (size_t at = 0; at < length;) {
    ssize_t n = read(0, (uint8_t *)to + at, length - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(1);
    at += (size_t)n;
  }
}

static void put(const char *name, const char *text) {
  size_t length = strlen(text);
  int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  must(file, name);
  must(write(file, text, length) == (ssize_t)length ? 0 : -1, name);
  close(file);
}

/*
 * The bundle and an empty layer over the image's files, for the places of mounts, are in memory. It is mounted in a
 * namespace of its own: whatever becomes of the slot or of the runner, this machine has no mount too many.
 */
static void enter(const char *lower, const char *config) {
  must(unshare(CLONE_NEWNS), "unshare");
  must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "/");
  /* Beside the first version's hierarchies crun wants none of the second; every limit of ours is in the first then. */
  if (!strcmp(runtime, "crun") && !access(UNIFIED "/cgroup.procs", F_OK)) must(umount2(UNIFIED, 0), UNIFIED);
  must(mkdir("bundle", 0700), "bundle");
  must(mount("rgrid", "bundle", "tmpfs", 0, "mode=700,size=4m"), "bundle");
  must(chdir("bundle"), "bundle");
  must(mkdir("upper", 0755) | mkdir("work", 0755) | mkdir("root", 0755), "layer");
  must(symlink(lower, "lower"), "lower");
  must(mount("rgrid", "root", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work"), "root");
  put("config.json", config);
}

static void tell(pid_t pid) {
  uint8_t bytes[4];
  for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)((uint32_t)pid >> (8 * i));
  must(write(1, bytes, 4) == 4 ? 0 : -1, "pid");
}

static void start(void) {
  static char text[MAX_REQUEST + 1], *arguments[MAX_ARGUMENTS + 1];
  static uint8_t head[4];
  alarm(PATIENCE_S);
  read_all(head, sizeof head);
  uint32_t length = head[0] | head[1] << 8 | head[2] << 16 | (uint32_t)head[3] << 24, count = 0;
  if (length == 0 || length > MAX_REQUEST) _exit(1);
  read_all(text, length);
  if (text[length - 1] || chdir(text)) _exit(1);
  int said = open("said", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (said < 0 || dup2(said, 2) < 0) _exit(1);
  for (char *at = text; at < text + length; at += strlen(at) + 1) {
    errno = E2BIG;
    must(count < MAX_ARGUMENTS ? 0 : -1, "arguments");
    arguments[count++] = at;
  }
  errno = EINVAL;
  must(count < 4 ? -1 : 0, "arguments");
  umask(022);
  enter(arguments[1], arguments[2]);
  tell(getpid());
  alarm(0);
  if (program >= 0) fexecve(program, arguments + 3, environ);
  execvp(runtime, arguments + 3);
  must(-1, runtime);
}

/* ---- */

static int listening(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "start"};
  int socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  must(socket_, "socket");
  umask(0177);
  unlink(address.sun_path);
  must(bind(socket_, (struct sockaddr *)&address, sizeof address), "bind");
  must(listen(socket_, 128), "listen");
  return socket_;
}

/* Waited for, so that what they take counts as this process's, and so as the runner's. */
static void reap(int signal_) {
  int error = errno;
  while (waitpid(-1, NULL, WNOHANG) > 0) continue;
  errno = error;
  (void)signal_;
}

static void serve(int connection) {
  pid_t pid = fork();
  if (pid) {
    close(connection);
    return;
  }
  signal(SIGCHLD, SIG_DFL);
  if (dup2(connection, 0) < 0 || dup2(connection, 1) < 0) _exit(1);
  close(connection);
  start();
}

int main(int argc, char **argv) {
  struct sigaction reaped = {.sa_handler = reap};
  if (argc != 3) return 64;
  must(chdir(argv[1]), argv[1]);
  runtime = argv[2];
  program = sealed(find(runtime));
  int socket_ = listening();
  must(sigaction(SIGCHLD, &reaped, NULL), "sigaction");
  int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
  must(nothing, "/dev/null");
  /* Its runner listens until the byte comes. */
  dup2(nothing, 2);
  if (write(1, "", 1) != 1) return 1;
  struct pollfd all[] = {{.fd = 0}, {.fd = socket_, .events = POLLIN}};
  for (;;) {
    if (poll(all, 2, -1) < 0 && errno != EINTR) return 1;
    if (all[0].revents) {
      unlink("start");
      return 0;
    }
    if (!(all[1].revents & POLLIN)) continue;
    int connection = accept4(socket_, NULL, NULL, SOCK_CLOEXEC);
    if (connection >= 0) serve(connection);
  }
}
